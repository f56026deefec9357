import type { SQSRecord } from 'aws-lambda';
import { isCanary } from '../contracts/metrics.ts';
import { heldSinceAttribute, refusalsAttribute } from '../contracts/names.ts';
import { backoffSeconds, type RecordQueue } from '../runtime/sns/record-queue.ts';
import { reasonOf } from '../runtime/telemetry.ts';
import type { Delivery } from './answer.ts';
import type { Backlog, Waiting } from './backlog.ts';
import { changeBreaker, secondsUntilProbe } from './breaker.ts';
import { courierOf, type CourierParts, eventIn, refusalsAllowed, type Tried } from './courier.ts';
import { staleDelivery } from './handler.ts';

/** What stands around a subscription's deliveries from its queue. */
export interface BridgeParts extends CourierParts {
  readonly backlog: Backlog;
  readonly queue: RecordQueue;
}

/** A record in work. */
interface Item extends Waiting, Tried {
  readonly record: SQSRecord;
  readonly receives: number;
}

/** A record that waits longer than this, or came so often, waits in the backlog, where it costs nothing and meets no limit of SQS. */
const maxQueueWaitSeconds = 3;
const maxQueueReceives = 12;
/** When the backlog cannot be written. */
const retrySeconds = 60;

/**
 * Takes a batch of a subscription's records to its endpoint; an action that is stale ends before that. What the endpoint took is
 * acknowledged once the bus has confirmed what it replied; what it refuses is tried 3 times and then parked; what finds the endpoint not
 * working waits: briefly in the queue, longer in the backlog, and without end of tries.
 *
 * @param release lets the backlog go once a probe has shown that the endpoint works again
 */
export function batchOf(parts: BridgeParts, release: (deadline: Date) => Promise<void>) {
  const { subscription, services, breakers, backlog, queue, telemetry, now, random } = parts;
  const courier = courierOf(parts);

  /** @returns the message ids of the records that SQS is to keep */
  return async (records: readonly SQSRecord[], deadline: Date): Promise<string[]> => {
    try {
      return await handle(records, deadline);
    } catch (error) {
      // The invocation fails, and all of it comes again: soon, since the queue's whole time-out is minutes.
      await comeBack(records);
      throw error;
    }
  };

  async function handle(records: readonly SQSRecord[], deadline: Date): Promise<string[]> {
    const { items, bad } = read(records);
    telemetry.count('Received', items.length + bad.size);
    const parked = await queue.park(bad);
    for (const [record, reason] of bad) {
      if (parked.has(record)) courier.bad(record.messageId, reason);
    }
    const kept = [...bad.keys()].filter((record) => !parked.has(record));
    telemetry.count('Failed', kept.length);
    await comeBack(kept);
    const stale = staleOf(items);
    kept.push(...(await settle(stale)));
    kept.push(...(await take(items.filter((item) => !stale.has(item)), deadline)));
    return kept.map(({ messageId }) => messageId);
  }

  /** What ends whether the endpoint works or not, and is no probe of it. */
  function staleOf(items: readonly Item[]): Map<Item, Delivery> {
    const deliveries = items.map((item) => [item, staleDelivery(item.event, services)] as const);
    return new Map(deliveries.flatMap(([item, delivery]) => (delivery ? [[item, delivery]] : [])));
  }

  async function take(items: readonly Item[], deadline: Date): Promise<SQSRecord[]> {
    if (items.length === 0) return [];
    const breaker = await courier.readBreaker();
    if (subscription.paused) return hold(items, Number.POSITIVE_INFINITY);
    if (breaker.state === 'closed') return deliverAll(items, deadline);
    if (!(await courier.claimProbe(breaker))) return hold(items, secondsUntilProbe(breaker, now()));
    const [probe, ...rest] = items as [Item, ...Item[]];
    const delivery = await courier.attempt(probe.event, probe.name);
    if (delivery.kind === 'held') {
      await courier.open(delivery.retryAfterSeconds);
      return hold(items, await courier.secondsToWait());
    }
    // It became stale just now, and has shown nothing: the next probe will.
    if (delivery.kind === 'stale') return [...(await settle(new Map([[probe, delivery]]))), ...(await hold(rest, await courier.secondsToWait()))];
    const resumed = await courier.resume();
    const kept = await settle(new Map([[probe, delivery]]));
    if (resumed.state === 'open') return [...kept, ...(await hold(rest, secondsUntilProbe(resumed, now())))];
    kept.push(...(await deliverAll(rest, deadline)));
    // What this batch has settled stays settled: the backlog has another chance in a minute.
    if (resumed.hasBacklog) await release(deadline).catch((error: unknown) => telemetry.error('The backlog was not released', { reason: reasonOf(error) }));
    return kept;
  }

  /** Delivers side by side until all are done, the time is over, or the endpoint shows that it does not work. */
  async function deliverAll(items: readonly Item[], deadline: Date): Promise<SQSRecord[]> {
    const untried = [...items];
    const deliveries = new Map<Item, Delivery>();
    let opening: Promise<unknown> | undefined;
    const work = async (): Promise<void> => {
      for (let item = untried.shift(); item; item = untried.shift()) {
        const delivery = await courier.attempt(item.event, item.name);
        deliveries.set(item, delivery);
        const asksToWait = delivery.kind === 'held' && delivery.retryAfterSeconds !== undefined;
        if (asksToWait) opening = (opening ?? Promise.resolve()).then(() => courier.open(delivery.retryAfterSeconds));
        else if (courier.failsTooOften()) opening ??= courier.open(undefined);
        if (opening !== undefined || !courier.hasTime(deadline)) return;
      }
    };
    await Promise.all(Array.from({ length: parts.share }, work));
    await opening;
    const held = [...deliveries].filter(([, { kind }]) => kind === 'held').map(([item]) => item);
    const ended = new Map([...deliveries].filter(([, { kind }]) => kind !== 'held'));
    const kept = await settle(ended);
    if (opening !== undefined) return [...kept, ...(await hold([...held, ...untried], await courier.secondsToWait()))];
    await queue.delay(new Map(untried.map(({ record }) => [record, 0])));
    kept.push(...untried.map(({ record }) => record));
    const often = held.filter(({ receives }) => receives >= maxQueueReceives);
    const again = held.filter(({ receives }) => receives < maxQueueReceives);
    // A failed event has waited for long enough after half a minute: a dead endpoint is what the breaker is for.
    const after = (receives: number) => backoffSeconds(Math.min(receives, 4), random);
    await queue.delay(new Map(again.map(({ record, receives }) => [record, after(receives)])));
    kept.push(...again.map(({ record }) => record));
    kept.push(...(await hold(often, Number.POSITIVE_INFINITY)));
    return kept;
  }

  /** Lets events wait: in the queue when it is for a moment, else in the backlog. @returns those that SQS keeps */
  async function hold(items: readonly Item[], seconds: number): Promise<SQSRecord[]> {
    if (items.length === 0) return [];
    telemetry.count('Held', items.length);
    const inQueue = items.filter(({ receives }) => seconds <= maxQueueWaitSeconds && receives < maxQueueReceives);
    const kept = inQueue.map(({ record }) => record);
    // Spread over some seconds, so that not all come at once to an endpoint that has just come back.
    await queue.delay(new Map(kept.map((record) => [record, Math.ceil(seconds + random() * 3)])));
    const inBacklog = items.filter((item) => !inQueue.includes(item));
    if (inBacklog.length === 0) return kept;
    try {
      // Noted first, and each time anew: whoever finds the backlog empty and says so must not have missed this.
      await changeBreaker(breakers, (found) => ({ ...found, hasBacklog: true }));
      await backlog.put(inBacklog.map(({ body, heldSince, refusals }) => ({ body, heldSince, refusals })));
      return kept;
    } catch (error) {
      telemetry.error('Events could not be put into the backlog', { subscription: subscription.name, reason: reasonOf(error) });
      const records = inBacklog.map(({ record }) => record);
      await queue.delay(new Map(records.map((record) => [record, retrySeconds])));
      return [...kept, ...records];
    }
  }

  /** Ends what the endpoint took or refused, or what was stale. @returns the records that SQS keeps */
  async function settle(deliveries: ReadonlyMap<Item, Delivery>): Promise<SQSRecord[]> {
    if (deliveries.size === 0) return [];
    const failed = await courier.publish(deliveries);
    const refused = [...deliveries].flatMap(([item, delivery]): [Item, string][] => (delivery.kind === 'refused' ? [[item, delivery.reason]] : []));
    const keptRefused = await refuse(refused);
    const kept = [...[...failed].map(({ record }) => record), ...keptRefused];
    await comeBack(kept);
    return kept;
  }

  /** What could not be settled is tried again soon, and not only after the queue's whole time-out. */
  function comeBack(records: readonly SQSRecord[]): Promise<void> {
    return queue.delay(new Map(records.map((record) => [record, undefined])));
  }

  /** Tries refused events again as new messages that count the refusals, and parks them after the last. @returns those that SQS keeps */
  async function refuse(refused: readonly [Item, string][]): Promise<SQSRecord[]> {
    const last = refused.filter(([{ refusals }]) => refusals + 1 >= refusalsAllowed);
    const again = refused.filter(([{ refusals }]) => refusals + 1 < refusalsAllowed);
    const parked = await queue.park(new Map(last.map(([{ record }, reason]) => [record, reason])));
    telemetry.count('Failed', last.length - parked.size);
    for (const [{ event, name, record }, reason] of last) {
      if (parked.has(record)) courier.parked(event, name, reason);
    }
    for (const [{ event, name }, reason] of again) courier.failed(event, name, { kind: 'refused', reason }, reason);
    const sent = await queue.send(
      again.map(([{ body, heldSince, refusals }]) => ({
        body,
        attributes: attributesOf({ heldSince, refusals: refusals + 1 }),
        delaySeconds: backoffSeconds(refusals + 1, random),
      })),
    );
    const unsent = again.filter((_, index) => !sent.has(index)).map(([{ record }]) => record);
    return [...unsent, ...last.map(([{ record }]) => record).filter((record) => !parked.has(record))];
  }
}

/** The attributes of a message that waited: what SQS would forget of it. */
export const attributesOf = ({ heldSince, refusals }: Omit<Waiting, 'body'>): Record<string, string> => ({
  [heldSinceAttribute]: heldSince,
  [refusalsAttribute]: String(refusals),
});

function read(records: readonly SQSRecord[]): { items: Item[]; bad: Map<SQSRecord, string> } {
  const items: Item[] = [];
  const bad = new Map<SQSRecord, string>();
  for (const record of records) {
    const event = eventIn(record.body);
    if (event === undefined) {
      bad.set(record, 'not an event');
      continue;
    }
    // The canary watches our own stages: endpoints hear nothing of it, and nobody counts it.
    if (isCanary(event.subject)) continue;
    const { messageId: name, body, messageAttributes, attributes } = record;
    items.push({
      record,
      event,
      name,
      body,
      receives: Number(attributes.ApproximateReceiveCount),
      heldSince: messageAttributes[heldSinceAttribute]?.stringValue ?? new Date(Number(attributes.SentTimestamp)).toISOString(),
      refusals: Number(messageAttributes[refusalsAttribute]?.stringValue ?? 0),
    });
  }
  return { items, bad };
}

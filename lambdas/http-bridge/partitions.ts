import type { MSKEvent } from 'aws-lambda';
import type { CloudEvent } from '../contracts/cloud-event.ts';
import { isCanary } from '../contracts/metrics.ts';
import type { OnFailure } from '../runtime/kafka/on-failure.ts';
import { goOnFrom, type KafkaBatchResponse, type KafkaRecord, nameOf, recordsOf } from '../runtime/kafka/records.ts';
import { reasonOf } from '../runtime/telemetry.ts';
import type { Delivery } from './answer.ts';
import { type Breaker, failuresToOpen } from './breaker.ts';
import { courierOf, type CourierParts, eventIn, refusalsAllowed } from './courier.ts';
import { staleDelivery } from './handler.ts';
import { standingsOf } from './standings.ts';

/** What stands around a subscription's deliveries from the partitions of Kafka. */
export interface PartitionParts extends CourierParts {
  readonly onFailure: OnFailure;
  /** Puts aside what waited for too long. */
  readonly putAside: (record: KafkaRecord, reason: string) => Promise<void>;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/** A record, and the event in it when there is one. */
interface Item extends KafkaRecord {
  readonly event: CloudEvent | undefined;
}

/** One invocation. */
interface Turn {
  readonly deadline: Date;
  /** What is left of each partition, by its name. */
  readonly left: ReadonlyMap<string, Item[]>;
  /** Nobody delivers: the breaker is open, or the subscription paused. */
  isShut: boolean;
  /** Some partition has gone on. */
  hasMoved: boolean;
  /** The records at which partitions stand because of the endpoint. */
  readonly held: Set<KafkaRecord>;
}

/** Before a refused event is tried again; twice as long the second time. With this three slow refusals fit into one invocation. */
const refusalMilliseconds = 500;
/** While the endpoint works, one event that fails must not take a place from other partitions for longer. */
const mostRestMilliseconds = 5000;
/** When nobody can tell how long to wait: the distance of invocations at least. */
const minRestSeconds = 1;
/** What an invocation needs after it has waited. */
const reportMilliseconds = 1500;

/**
 * Takes what came from partitions to the endpoint: each partition's events one at a time, in their order, partitions side by side. A partition
 * stands at its first event that is not done, and the mapping hands it over again from there. So nothing is kept anywhere else while the
 * endpoint does not work; the invocation waits before it reports, because nothing else delays a retry on Kafka.
 */
export function partitionsOf(parts: PartitionParts) {
  const { subscription, share, services, onFailure, putAside, telemetry, now, random, sleep } = parts;
  const courier = courierOf(parts);
  const standings = standingsOf(now, random);

  return async (event: Pick<MSKEvent, 'records'>, deadline: Date): Promise<KafkaBatchResponse> => {
    const records = recordsOf(event).map((record): Item => ({ ...record, event: record.body === undefined ? undefined : eventIn(record.body) }));
    telemetry.count('Received', records.filter((item) => !isOfCanary(item)).length);
    const breaker = await courier.readBreaker();
    const turn: Turn = {
      deadline,
      left: Map.groupBy(records, ({ partition }) => partition),
      isShut: subscription.paused || breaker.state === 'open',
      hasMoved: false,
      held: new Set(),
    };
    const partitions = fromAny([...turn.left.keys()]);
    if (turn.isShut && !subscription.paused) await probe(partitions, breaker, turn);
    await walk(partitions, turn);
    const undone = [...turn.left.values()].flatMap(([first]) => first ?? []);
    tellHeld(turn);
    // Whoever can go on must not wait for the others, which are left alone for as long as they are to be.
    if (!turn.hasMoved && undone.length > 0) await rest(undone, turn);
    return goOnFrom(undone);
  };

  /** Begins with any of them, so that none is always the last to get time, or the only probe. */
  function fromAny(partitions: readonly string[]): string[] {
    const start = Math.floor(random() * partitions.length);
    return [...partitions.slice(start), ...partitions.slice(0, start)];
  }

  /** Delivers one event of one partition, when the open breaker is due for it; what comes of it tells whether the others may go. */
  async function probe(partitions: readonly string[], breaker: Breaker, turn: Turn): Promise<void> {
    let isOver = false;
    for (const partition of partitions) {
      await guarded(partition, turn, async () => {
        const found = await firstEvent(partition, turn);
        if (!found) return false;
        isOver = true;
        if (!courier.hasTime(turn.deadline) || !(await courier.claimProbe(breaker))) return false;
        const delivery = await courier.attempt(found.event, nameOf(found.first));
        if (delivery.kind === 'held') await courier.open(delivery.retryAfterSeconds);
        // What became stale just now has shown nothing: the next probe will.
        else if (delivery.kind !== 'stale') turn.isShut = !(await resumes());
        return conclude(found.first, found.event, delivery, turn);
      });
      if (isOver) return;
    }
  }

  async function resumes(): Promise<boolean> {
    try {
      return (await courier.resume()).state === 'closed';
    } catch (error) {
      telemetry.error('The breaker could not be closed', { subscription: subscription.name, reason: reasonOf(error) });
      return false;
    }
  }

  /** Partitions take turns event by event, some at once, each until it stands still or is through. */
  async function walk(partitions: readonly string[], turn: Turn): Promise<void> {
    const waiting = [...partitions];
    const work = async (): Promise<void> => {
      for (let partition = waiting.shift(); partition !== undefined; partition = waiting.shift()) {
        if (await guarded(partition, turn, () => step(partition, turn))) waiting.push(partition);
      }
    };
    await Promise.all(Array.from({ length: share }, work));
  }

  /** Has a partition stand where it is, rather than all of them begin anew, when its work throws. */
  async function guarded(partition: string, turn: Turn, work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      telemetry.error('A partition could not go on', { subscription: subscription.name, partition, reason: reasonOf(error) });
      telemetry.count('Failed');
      for (const first of turn.left.get(partition)?.slice(0, 1) ?? []) standings.wait(first);
      return false;
    }
  }

  /** @returns whether the partition may go on */
  async function step(partition: string, turn: Turn): Promise<boolean> {
    const found = await firstEvent(partition, turn);
    if (!found) return false;
    const { first, event } = found;
    if (turn.isShut || standings.of(first).until > now().getTime()) return hold(first, turn);
    if (!courier.hasTime(turn.deadline)) return false;
    const delivery = await courier.attempt(event, nameOf(first));
    if (delivery.kind === 'held' && (delivery.retryAfterSeconds !== undefined || courier.failsTooOften())) {
      turn.isShut = true;
      await courier.open(delivery.retryAfterSeconds);
    }
    return conclude(first, event, delivery, turn);
  }

  /** Ends what needs no endpoint, up to the first event of which the endpoint is to decide. @returns nothing when there is none, or one before it could not be ended */
  async function firstEvent(partition: string, turn: Turn): Promise<{ first: KafkaRecord; event: CloudEvent } | undefined> {
    for (;;) {
      const [first] = turn.left.get(partition) ?? [];
      if (!first) return undefined;
      if (first.body === undefined) {
        telemetry.count('Swallowed');
        goOn(first, turn);
        continue;
      }
      const { event } = first;
      if (isOfCanary(first)) {
        goOn(first, turn);
        continue;
      }
      const stale = event && staleDelivery(event, services);
      if (event && !stale) return { first, event };
      const hasEnded = event && stale ? await conclude(first, event, stale, turn) : await park(first, 'not an event', turn);
      if (!hasEnded) return undefined;
    }
  }

  /** Does what a delivery's outcome asks for. @returns whether the partition may go on, from the next event or this one */
  async function conclude(first: KafkaRecord, event: CloudEvent, delivery: Delivery, turn: Turn): Promise<boolean> {
    const standing = standings.of(first);
    if (delivery.kind === 'held') {
      standing.failures += 1;
      // An open breaker has its own time.
      if (!turn.isShut) standings.wait(first);
      return hold(first, turn);
    }
    standing.failures = 0;
    const unconfirmed = await courier.publish(new Map([[{ event, name: nameOf(first) }, delivery]]));
    if (unconfirmed.size > 0) {
      standings.wait(first);
      return false;
    }
    if (delivery.kind !== 'refused') return goOn(first, turn);
    standing.refusals += 1;
    if (standing.refusals < refusalsAllowed) {
      courier.failed(event, nameOf(first), delivery, delivery.reason);
      await sleep(refusalMilliseconds * standing.refusals * (1 + random()));
      return true;
    }
    return park(first, delivery.reason, turn, event);
  }

  /** Keeps an event in its place, unless it has waited there for too long. */
  async function hold(first: KafkaRecord, turn: Turn): Promise<boolean> {
    const { timestamp } = first.record;
    // One failure is a bad moment. Many are an endpoint that does not work, if only for this event.
    const endpointWorks = !turn.isShut && standings.of(first).failures < failuresToOpen;
    if (endpointWorks || now().getTime() - timestamp <= subscription.holdDays * 86_400_000) {
      turn.held.add(first);
      return false;
    }
    await putAside(first, 'held too long');
    telemetry.error('An event waited too long and was put aside; `npm run dlq` brings it back', { subscription: subscription.name, record: nameOf(first) });
    telemetry.count('Expired');
    return goOn(first, turn);
  }

  async function park(first: KafkaRecord, reason: string, turn: Turn, event?: CloudEvent): Promise<boolean> {
    const parked = await onFailure.park(new Map([[first, reason]]));
    if (parked.size > 0) {
      if (event) courier.parked(event, nameOf(first), reason);
      else courier.bad(nameOf(first), reason);
      return goOn(first, turn);
    }
    telemetry.count('Failed');
    standings.wait(first);
    return false;
  }

  function goOn(first: KafkaRecord, turn: Turn): true {
    turn.left.get(first.partition)?.shift();
    standings.forget(first);
    turn.hasMoved = true;
    return true;
  }

  function tellHeld({ held, left }: Turn): void {
    if (held.size === 0) return;
    telemetry.count('Held', [...held].reduce((sum, { partition }) => sum + (left.get(partition) ?? []).filter((item) => !isOfCanary(item)).length, 0));
    const oldest = Math.min(...[...held].map(({ record }) => record.timestamp));
    telemetry.measure('HeldSeconds', Math.max(0, (now().getTime() - oldest) / 1000));
  }

  /** Waits until something may be tried again, or the invocation's time is nearly over. */
  async function rest(undone: readonly KafkaRecord[], turn: Turn): Promise<void> {
    const milliseconds = Math.min(await timeOfNextTry(undone, turn), turn.deadline.getTime() - reportMilliseconds) - now().getTime();
    if (milliseconds > 0) await sleep(milliseconds);
  }

  async function timeOfNextTry(undone: readonly KafkaRecord[], { isShut }: Turn): Promise<number> {
    if (subscription.paused) return Number.POSITIVE_INFINITY;
    if (isShut) return now().getTime() + Math.max(minRestSeconds, await courier.secondsToWait()) * 1000;
    return Math.min(now().getTime() + mostRestMilliseconds, ...undone.map((first) => standings.of(first).until));
  }
}

/** The canary watches our own stages: endpoints hear nothing of it, and nobody counts it. */
const isOfCanary = ({ event }: Item): boolean => event !== undefined && isCanary(event.subject);

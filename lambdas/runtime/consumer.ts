import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { CloudEvent } from '../contracts/cloud-event.ts';
import { type Event, eventNameOf, eventSchema } from '../contracts/events.ts';
import { type EventName, eventType, maxReceives } from '../contracts/names.ts';
import { compose, type Draft } from './drafts.ts';
import type { Erasure } from './erasure.ts';
import type { Publisher } from './publisher.ts';
import type { RecordQueue } from './record-queue.ts';
import { reasonOf, type Telemetry } from './telemetry.ts';

/** What follows from an event: an event, several, or nothing, when its way ends here. */
export type Outcome = Draft | readonly Draft[] | undefined | void;

/** A handler is a pure function of an event and its typed dependencies. */
export type Handler<N extends EventName, S> = (event: Event<N>, services: S) => Outcome | Promise<Outcome>;

/** The handlers of a service, by the name of the event that each takes. */
export type Handlers<S> = { readonly [N in EventName]?: Handler<N, S> };

/** What stands around the handlers of a consumer. */
export interface ConsumerParts<S> {
  /** Name of the service: the `source` of what it emits. */
  readonly service: string;
  readonly handlers: Handlers<S>;
  readonly services: S;
  /** Set by a service with data of accounts, which consumes `account.erased`. */
  readonly erasure?: ServiceErasure | undefined;
  readonly publisher: Publisher;
  readonly queue: RecordQueue;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** How a service forgets an account. */
export interface ServiceErasure extends Erasure {
  /** Events whose handlers look for the tombstone themselves, because they read the item that it lies in anyway. */
  readonly checkedByHandler?: readonly EventName[];
}

/** Thrown by a handler whose record is to go to the dead-letter queue at once, with this reason. */
export class ParkError extends Error {}

/** An event that can never be understood; it goes to the dead-letter queue at once. */
class BadEvent extends ParkError {}

/**
 * A Lambda function over SQS. Each record is handled for itself: a bad one goes to the dead-letter queue with the reason, a failed one
 * comes back after a short, growing time, and neither touches its neighbours. A record counts as done only when the bus
 * has confirmed all that followed from it.
 */
export function consumer<S>(parts: ConsumerParts<S>): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async ({ Records: records }) => {
    const { telemetry } = parts;
    telemetry.count('Received', records.length);
    const failures = new Map<SQSRecord, unknown>();
    const emitted = new Map<CloudEvent, SQSRecord>();
    await Promise.all(
      records.map(async (record) => {
        try {
          const events = await handle(record, parts);
          for (const event of events) emitted.set(event, record);
          if (events.length === 0) telemetry.count('Swallowed');
        } catch (error) {
          failures.set(record, error);
        }
      }),
    );
    const unconfirmed = await parts.publisher.publish([...emitted.keys()]);
    for (const [event, reason] of unconfirmed) {
      const record = emitted.get(event);
      if (record) failures.set(record, new Error(`The bus did not confirm: ${reason}`));
    }
    telemetry.count('Emitted', emitted.size - unconfirmed.size);
    telemetry.count('Unconfirmed', unconfirmed.size);
    const failed = await settle(failures, parts);
    telemetry.flush();
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

async function handle<S>(record: SQSRecord, parts: ConsumerParts<S>): Promise<CloudEvent[]> {
  const { service, now } = parts;
  const { name, event } = parse(record.body, parts);
  return (await draftsOf(name, event, parts)).map((draft) => compose(draft, event, service, now()));
}

async function draftsOf<S>(name: EventName, event: Event, { handlers, services, service, erasure }: ConsumerParts<S>): Promise<readonly Draft[]> {
  const { subject } = event;
  if (erasure && event.type === erased) {
    const items = await erasure.erase(subject, event.data.erasedAt);
    return [{ name: 'account.erasure_reported', sibling: service, data: { service, items } }];
  }
  const handler = handlers[name] as Handler<EventName, S>;
  const forgets = erasure?.checkedByHandler?.includes(name) ? undefined : erasure;
  let outcome: Outcome;
  try {
    outcome = await handler(event, services);
  } catch (error) {
    // It may have written before it failed, and may never come again.
    if (await isForgotten(subject, forgets)) return [];
    throw error;
  }
  if ((await isForgotten(subject, forgets)) || outcome === undefined) return [];
  return Array.isArray(outcome) ? (outcome as readonly Draft[]) : [outcome as Draft];
}

/** Whether an account was erased; what an event that was on its way has brought back is then dropped. */
async function isForgotten(accountId: string, erasure: Erasure | undefined): Promise<boolean> {
  if (!erasure || !(await erasure.isErased(accountId))) return false;
  await erasure.drop(accountId);
  return true;
}

const erased = eventType('account.erased');

function parse<S>(body: string, { handlers, erasure }: ConsumerParts<S>): { name: EventName; event: Event } {
  const json = parseJson(body);
  const type = typeof json === 'object' && json !== null && 'type' in json ? json.type : undefined;
  const name = typeof type === 'string' ? eventNameOf(type) : undefined;
  if (name === undefined || !(handlers[name] || (erasure && name === 'account.erased'))) throw new BadEvent('unknown event type');
  const { data, error } = eventSchema(name).safeParse(json);
  if (error) throw new BadEvent(`malformed at ${error.issues.map(({ path }) => path.join('.')).join(', ')}`);
  return { name, event: data as Event };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new BadEvent('not JSON');
  }
}

/**
 * Parks what is bad, or has failed for the last time, in the dead-letter queue with the reason; the rest is to come back.
 *
 * @returns the records that SQS is to keep
 */
async function settle<S>(failures: ReadonlyMap<SQSRecord, unknown>, { queue, telemetry }: ConsumerParts<S>): Promise<SQSRecord[]> {
  if (failures.size === 0) return [];
  const park = new Map<SQSRecord, string>();
  for (const [record, error] of failures) {
    const reason = error instanceof ParkError ? error.message : reasonOf(error);
    telemetry.error('A record failed', { messageId: record.messageId, receives: receivesOf(record), reason });
    if (error instanceof ParkError || receivesOf(record) >= maxReceives) park.set(record, reason);
  }
  const parked = await queue.park(park);
  const failed = new Map([...failures].filter(([record]) => !parked.has(record)));
  await queue.delay(failed);
  telemetry.count('Parked', parked.size);
  telemetry.count('Failed', failed.size);
  return [...failed.keys()];
}

const receivesOf = (record: SQSRecord): number => Number(record.attributes.ApproximateReceiveCount);

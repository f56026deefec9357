import type { CloudEvent } from '../contracts/cloud-event.ts';
import { type Event, eventNameOf, eventSchema } from '../contracts/events.ts';
import { type EventName, eventType } from '../contracts/names.ts';
import { compose, type Draft } from './drafts.ts';
import type { Erasure } from './erasure.ts';
import { ComeBackError, ParkError } from './failures.ts';
import type { Failure, Inbox, Incoming } from './inbox.ts';
import type { Publisher } from './publisher.ts';
import { reasonOf, type Telemetry } from './telemetry.ts';

/** What follows from an event: an event, several, or nothing, when its way ends here. */
export type Outcome = Draft | readonly Draft[] | undefined | void;

/** A handler is a pure function of an event and its typed dependencies. */
export type Handler<N extends EventName, S> = (event: Event<N>, services: S) => Outcome | Promise<Outcome>;

/** The handlers of a service, by the name of the event that each takes. */
export type Handlers<S> = { readonly [N in EventName]?: Handler<N, S> };

/** What stands around the handlers of a consumer. */
export interface ConsumerParts<S, E = unknown, A = unknown> {
  /** Name of the service: the `source` of what it emits. */
  readonly service: string;
  readonly handlers: Handlers<S>;
  readonly services: S;
  /** Set by a service with data of accounts, which consumes `account.erased`. */
  readonly erasure?: ServiceErasure | undefined;
  readonly publisher: Publisher;
  readonly inbox: Inbox<E, A>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** How a service forgets an account. */
export interface ServiceErasure extends Erasure {
  /** Events whose handlers look for the tombstone themselves, because they read the item that it lies in anyway. */
  readonly checkedByHandler?: readonly EventName[];
}

/** An event that can never be understood; it is parked at once. */
class BadEvent extends ParkError {}

/**
 * A Lambda function over either bus. Each record is handled for itself, after those before it in its lane: a bad one is parked with the
 * reason, a failed one comes back, and neither touches its neighbours. A record counts as done only when the bus has confirmed all that
 * followed from it.
 */
export function consumer<S, E, A>(parts: ConsumerParts<S, E, A>): (event: E, deadline: Date) => Promise<A> {
  return async (event, deadline) => {
    const { telemetry } = parts;
    const { records, empty, settle } = parts.inbox.open(event, deadline);
    telemetry.count('Received', records.length + empty);
    telemetry.count('Swallowed', empty);
    const failures = new Map<Incoming, Failure>();
    const emitted = new Map<CloudEvent, Incoming>();
    const work = async (lane: readonly Incoming[]): Promise<void> => {
      for (const record of lane) {
        try {
          const events = await handle(record, parts);
          for (const each of events) emitted.set(each, record);
          if (events.length === 0) telemetry.count('Swallowed');
        } catch (error) {
          const failure = failureOf(error);
          failures.set(record, failure);
          // Those behind it wait for it, unless it never comes back.
          if (!failure.isFinal) return;
        }
      }
    };
    await Promise.all([...Map.groupBy(records, ({ lane }) => lane).values()].map(work));
    const unconfirmed = await parts.publisher.publish([...emitted.keys()]);
    for (const [each, reason] of unconfirmed) {
      const record = emitted.get(each);
      if (record) failures.set(record, { reason: `The bus did not confirm: ${reason}`, isFinal: false });
    }
    telemetry.count('Emitted', emitted.size - unconfirmed.size);
    telemetry.count('Unconfirmed', unconfirmed.size);
    for (const [{ name }, { reason }] of failures) telemetry.error('A record failed', { record: name, reason });
    const { parked, failed, answer } = await settle(failures);
    telemetry.count('Parked', parked);
    telemetry.count('Failed', failed);
    telemetry.flush();
    return answer;
  };
}

const failureOf = (error: unknown): Failure => ({
  reason: error instanceof ParkError ? error.message : reasonOf(error),
  isFinal: error instanceof ParkError,
  seconds: error instanceof ComeBackError ? error.seconds : undefined,
});

async function handle<S, E, A>(record: Incoming, parts: ConsumerParts<S, E, A>): Promise<CloudEvent[]> {
  const { service, now } = parts;
  const { name, event } = parse(record.body, parts);
  return (await draftsOf(name, event, parts)).map((draft) => compose(draft, event, service, now()));
}

async function draftsOf<S, E, A>(name: EventName, event: Event, { handlers, services, service, erasure }: ConsumerParts<S, E, A>): Promise<readonly Draft[]> {
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

function parse<S, E, A>(body: string, { handlers, erasure }: ConsumerParts<S, E, A>): { name: EventName; event: Event } {
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

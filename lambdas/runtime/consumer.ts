import type { Event } from '../contracts/events.ts';
import { type EventName, eventType } from '../contracts/names.ts';
import { compose, type Draft } from './drafts.ts';
import type { Erasure } from './erasure.ts';
import { ComeBackError, ParkError } from './failures.ts';
import type { Failure, Inbox, Incoming } from './inbox.ts';
import { eventIn, type Named } from './incoming-event.ts';
import { type Job, tellOf } from './job.ts';
import type { Publisher } from './publisher.ts';
import { type Measured, reasonOf, type Telemetry } from './telemetry.ts';

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
  /** What is measured once an invocation. */
  readonly measures?: ((services: S, now: Date) => Partial<Record<Measured, number>>) | undefined;
  readonly now: () => Date;
}

/** How a service forgets an account. */
export interface ServiceErasure extends Erasure {
  /** Events whose handlers look for the tombstone themselves, because they read the item that it lies in anyway. */
  readonly checkedByHandler?: readonly EventName[];
}

/**
 * A Lambda function over either bus. Each record is handled for itself, after those before it in its lane: a bad one is parked with the
 * reason, a failed one comes back, and neither touches its neighbours. A record counts as done only when the bus has confirmed all that
 * followed from it.
 */
export function consumer<S, E, A>(parts: ConsumerParts<S, E, A>): (event: E, deadline: Date) => Promise<A> {
  return async (event, deadline) => {
    const { telemetry, services, publisher, inbox, measures, now } = parts;
    const { records, empty, settle } = inbox.open(event, deadline);
    const jobs = records.map((record) => jobOf(record, parts));
    await Promise.all([...Map.groupBy(jobs, ({ record }) => record.lane).values()].map((lane) => work(lane, parts)));
    const unconfirmed = await publisher.publish(jobs.flatMap(({ followed = [] }) => followed));
    for (const job of jobs) {
      const reason = job.followed?.map((each) => unconfirmed.get(each)).find((each) => each !== undefined);
      if (reason !== undefined) job.failure = { reason: `The bus did not confirm: ${reason}`, isFinal: false };
    }
    const { parked, answer } = await settle(new Map(jobs.flatMap(({ record, failure }) => (failure ? [[record, failure]] : []))));
    tellOf(jobs, { unconfirmed, parked, empty }, telemetry, now());
    for (const [metric, value] of Object.entries(measures?.(services, now()) ?? {})) telemetry.measure(metric as Measured, value);
    telemetry.flush();
    return answer;
  };
}

/** Reads a record; of a bad one it is known already what becomes of it. */
function jobOf<S, E, A>(record: Incoming, { handlers, erasure }: ConsumerParts<S, E, A>): Job {
  try {
    return { record, read: eventIn(record.body, (name) => handlers[name] !== undefined || (erasure !== undefined && name === 'account.erased')) };
  } catch (error) {
    return { record, bad: failureOf(error) };
  }
}

/** Does the jobs of a lane, one after the other. */
async function work<S, E, A>(lane: readonly Job[], parts: ConsumerParts<S, E, A>): Promise<void> {
  const { service, now } = parts;
  for (const job of lane) {
    const { read, bad } = job;
    if (!read) {
      job.failure = bad;
    } else {
      try {
        job.followed = (await draftsOf(read, parts)).map((draft) => compose(draft, read.event, service, now()));
      } catch (error) {
        job.failure = failureOf(error);
      }
    }
    // Those behind it wait for it, unless it never comes back.
    if (job.failure?.isFinal === false) return;
  }
}

const failureOf = (error: unknown): Failure => ({
  // Their words are ours; what another error says may hold what is private.
  reason: error instanceof ParkError || error instanceof ComeBackError ? error.message : reasonOf(error),
  isFinal: error instanceof ParkError,
  seconds: error instanceof ComeBackError ? error.seconds : undefined,
});

async function draftsOf<S, E, A>({ name, event }: Named, { handlers, services, service, erasure }: ConsumerParts<S, E, A>): Promise<readonly Draft[]> {
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

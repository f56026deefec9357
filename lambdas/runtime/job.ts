import type { CloudEvent } from '../contracts/cloud-event.ts';
import { isCanary } from '../contracts/metrics.ts';
import { ageOf, type EventLine, eventMessage, idsOf, isTold } from './event-log.ts';
import type { Failure, Incoming } from './inbox.ts';
import type { Named } from './incoming-event.ts';
import type { Telemetry } from './telemetry.ts';

/** A record of a consumer, and what became of it so far. */
export interface Job {
  readonly record: Incoming;
  readonly read?: Named;
  /** Why it is no event, in place of it. */
  readonly bad?: Failure;
  /** What followed from it; nothing while it is not done. */
  followed?: readonly CloudEvent[];
  failure?: Failure | undefined;
}

/** What became of all of an invocation. */
interface Ending {
  readonly unconfirmed: ReadonlyMap<CloudEvent, string>;
  readonly parked: ReadonlySet<Incoming>;
  /** How many records were no event of anybody's. */
  readonly empty: number;
}

/** Counts what became of an invocation's records, the canary's left out, and writes the lines of those that are to be told. */
export function tellOf(jobs: readonly Job[], { unconfirmed, parked, empty }: Ending, telemetry: Telemetry, now: Date): void {
  const counted = jobs.filter(({ read }) => read === undefined || !isCanary(read.event.subject));
  const failed = counted.filter(({ failure }) => failure);
  const followed = counted.flatMap((job) => job.followed ?? []);
  const done = counted.filter((job) => job.followed && !job.failure);
  telemetry.count('Received', counted.length + empty);
  telemetry.count('Emitted', followed.filter((each) => !unconfirmed.has(each)).length);
  telemetry.count('Unconfirmed', followed.filter((each) => unconfirmed.has(each)).length);
  telemetry.count('Swallowed', done.filter((job) => job.followed?.length === 0).length + empty);
  telemetry.count('Parked', failed.filter(({ record }) => parked.has(record)).length);
  telemetry.count('Failed', failed.filter(({ record }) => !parked.has(record)).length);
  for (const { read } of done) {
    const age = read && ageOf(read.event, now);
    if (age !== undefined) telemetry.measure('EventAge', age);
  }
  for (const job of jobs) write(job, parked.has(job.record), telemetry, now);
}

function write({ record, read, followed, failure }: Job, isParked: boolean, telemetry: Telemetry, now: Date): void {
  const about = read && { ...idsOf(read.event), ageSeconds: ageOf(read.event, now) };
  if (failure) {
    telemetry.error(eventMessage, { ...about, outcome: isParked ? 'parked' : 'failed', record: record.name, reason: failure.reason } satisfies EventLine);
    return;
  }
  // One that waits behind a failed one is not done.
  if (!read || !followed || !isTold(read.event, followed)) return;
  const emitted = followed.map(({ type }) => type);
  telemetry.info(eventMessage, { ...about, outcome: emitted.length > 0 ? 'emitted' : 'swallowed', emitted } satisfies EventLine);
}

import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaRecord } from './records.ts';

export interface LaneParts {
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Resolves when the partition's former lane has ended. */
  readonly after: Promise<void>;
  /** Works through a batch; calls `done` with the records of it that are left. Ends early when the signal aborts. */
  work(batch: readonly KafkaRecord[], done: (left: readonly KafkaRecord[]) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Writes down the offset from which the group goes on; rejects when that was not possible. */
  commit(offset: number): Promise<void>;
  /** Called when there is room for more records. */
  drained(): void;
}

/** One partition's records on their way into the function: one batch after the other, in order. */
export interface Lane {
  /** Takes records that follow; `next` is the offset behind what was read, whether or not it is among them. */
  take(records: readonly KafkaRecord[], next: number): void;
  readonly isFull: boolean;
  /** Whether all that was taken is done, and written down. */
  readonly isSettled: boolean;
  /** Writes the offset down once more: whoever was told of it may be gone. */
  recommit(): void;
  /** Finishes what is in work, and writes that down. */
  stop(): Promise<void>;
  /** Finishes what is in work for nobody: the partition belongs to somebody else. */
  abandon(): void;
  readonly ended: Promise<void>;
}

/** How long after a commit that failed the next one is tried, in milliseconds. */
const betweenCommits = 200;

/** Starts a lane. */
export function startLane({ batchSize, windowSeconds, after, work, commit, drained }: LaneParts): Lane {
  const stopping = new AbortController();
  const abandoned = new AbortController();
  const waiting: KafkaRecord[] = [];
  let inWork: readonly KafkaRecord[] = [];
  /** Offset behind all that was taken. */
  let next: number | undefined;
  let committed: number | undefined;
  let wake = Promise.withResolvers<void>();
  const notify = (): void => {
    wake.resolve();
    wake = Promise.withResolvers();
  };

  const position = (): number | undefined => inWork[0]?.offset ?? waiting[0]?.offset ?? next;

  const writeDown = async (): Promise<void> => {
    while (!abandoned.signal.aborted) {
      const offset = position();
      if (offset === undefined || offset === committed) return;
      try {
        await commit(offset);
        committed = offset;
      } catch {
        // While the broker is away or the group rebalances: the next time, unless this was the last one.
        if (stopping.signal.aborted) return;
        await delay(betweenCommits, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };

  /** Up to a batch, within the window. */
  const gather = async (): Promise<KafkaRecord[]> => {
    const end = performance.now() + windowSeconds * 1000;
    while (waiting.length < batchSize && !stopping.signal.aborted) {
      const left = end - performance.now();
      if (left <= 0) break;
      const timer = new AbortController();
      await Promise.race([wake.promise, delay(left, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
    }
    return stopping.signal.aborted ? [] : waiting.splice(0, batchSize);
  };

  const run = async (): Promise<void> => {
    await after;
    while (!stopping.signal.aborted) {
      if (waiting.length === 0) {
        const { promise } = wake;
        await writeDown();
        if (waiting.length === 0 && !stopping.signal.aborted && position() === committed) await promise;
        continue;
      }
      inWork = await gather();
      drained();
      const done = async (left: readonly KafkaRecord[]): Promise<void> => {
        inWork = left;
        await writeDown();
      };
      if (inWork.length > 0) await work(inWork, done, stopping.signal);
      // What is left of it after a stop comes again.
      if (!stopping.signal.aborted) inWork = [];
    }
    await writeDown();
  };
  stopping.signal.addEventListener('abort', notify);

  const ended = run();
  return {
    take: (records, behind) => {
      const from = next ?? 0;
      // After a rebalance the group reads again from what was written down.
      waiting.push(...records.filter(({ offset }) => offset >= from));
      next = Math.max(from, behind);
      notify();
    },
    get isFull() {
      return waiting.length >= batchSize;
    },
    get isSettled() {
      return inWork.length === 0 && waiting.length === 0 && position() === committed;
    },
    recommit: () => {
      committed = undefined;
      notify();
    },
    stop: () => {
      stopping.abort();
      return ended;
    },
    abandon: () => {
      abandoned.abort();
      stopping.abort();
    },
    ended,
  };
}

import type { MSKRecord } from 'aws-lambda';
import { chunks } from '../../lambdas/runtime/chunks.ts';
import { attempt } from './answer.ts';
import { placeName } from './failed-records.ts';
import type { Invoke } from './lambda.ts';
import type { Objects } from './objects.ts';
import { selected } from './select.ts';
import type { Choice, Progress } from './undelivered.ts';
import { type Folders, readRecords, recordsOf, type Waiting } from './waiting.ts';

/** Records that are to go back to their function. */
export interface Job extends Folders {
  readonly functionName: string;
  /** How many records the function gets at once, at most. */
  readonly batchSize: number;
  /** After how many failures in a row nothing more is tried; left out, everything is. */
  readonly patience?: number;
  /** What the function is to get of a record; left out, all as it is. */
  readonly asSent?: (record: MSKRecord) => MSKRecord;
}

interface Parts {
  readonly objects: Objects;
  readonly invoke: Invoke;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly progress: Progress;
}

/** What became of the records so far. */
export interface Outcome {
  /** How many there were. */
  readonly all: number;
  done: number;
  /** How many stay, by the reason. */
  readonly stay: Map<string, number>;
  failuresInARow: number;
}

/** A record on its way. */
interface Sent {
  readonly waiting: Waiting;
  readonly record: MSKRecord;
}

/** An invocation takes 6 MiB; that a record is text in base64 is counted. */
const maxEventBytes = 5 * 1024 * 1024;
/** S3 tells whole seconds: what is written this long after the objects were listed has another version, even with the same content. */
const settleMilliseconds = 2000;

/**
 * Gives records that failed back to their function: each partition's in their order, a batch at a time. An object goes when all its records are
 * done and nobody wrote it meanwhile, so breaking off loses nothing: what is done twice changes nothing twice.
 */
export function redriveOf({ objects, invoke, sleep, progress }: Parts) {
  /** @throws when the function cannot be called */
  return async (job: Job, choice: Choice): Promise<Outcome> => {
    const { waiting, strange } = await selected(objects, job, choice);
    const outcome: Outcome = { all: waiting.length, done: 0, stay: new Map(), failuresInARow: 0 };
    if (strange > 0) stays(outcome, 'no record of Kafka', strange);
    if (waiting.length > 0) await sleep(settleMilliseconds);
    for (const batch of batchesOf(waiting, job)) await give(batch, job, outcome);
    return outcome;
  };

  /** Gives one batch: again from where it failed, and in halves when it failed as a whole, until each record is done or has failed as the first. */
  async function give(batch: readonly Waiting[], job: Job, outcome: Outcome): Promise<void> {
    const { functionName, patience = Number.POSITIVE_INFINITY, asSent = (record: MSKRecord) => record } = job;
    const records = await recordsOf(objects, batch);
    if (records.size < batch.length) stays(outcome, 'its object is gone, or holds no record', batch.length - records.size);
    const pieces: Sent[][] = [[...records].map(([waiting, { record }]) => ({ waiting, record }))];
    while (pieces.length > 0) {
      const piece = pieces.shift() ?? [];
      if (piece.length === 0) continue;
      if (outcome.failuresInARow >= patience) {
        stays(outcome, `not tried, after ${patience} failures in a row`, piece.length);
        continue;
      }
      const { count, failure } = await attempt(invoke, functionName, piece.map(({ record }) => asSent(record)));
      for (const { waiting } of piece.slice(0, count)) await settle(waiting, job, outcome);
      if (count > 0) {
        outcome.failuresInARow = 0;
        progress(outcome.done, outcome.all);
        pieces.unshift(piece.slice(count));
      } else if (failure?.isWhole && piece.length > 1) {
        const middle = Math.ceil(piece.length / 2);
        pieces.unshift(piece.slice(0, middle), piece.slice(middle));
      } else {
        outcome.failuresInARow += 1;
        stays(outcome, failure?.why ?? 'failed again');
        pieces.unshift(piece.slice(1));
      }
    }
  }

  /** Removes a record that is done, unless the function parked it again: then it lies there anew, with a reason of its own. */
  async function settle({ sources, ...place }: Waiting, { parkedFolder }: Job, outcome: Outcome): Promise<void> {
    const parkedKey = `${parkedFolder}${placeName(place)}.json`;
    const before = sources.find(({ key }) => key === parkedKey)?.version;
    const now = await objects.version(parkedKey);
    const isParkedAgain = now !== undefined && now !== before;
    for (const source of sources) {
      source.undone -= 1;
      if (source.undone > 0) continue;
      if ((source.key === parkedKey ? now : await objects.version(source.key)) === source.version) await objects.remove(source.key);
    }
    if (!isParkedAgain) outcome.done += 1;
    else stays(outcome, `parked again: ${(await readRecords(objects, parkedKey))?.[0]?.reason ?? 'nobody knows why'}`);
  }
}

const stays = ({ stay }: Outcome, why: string, count = 1): void => void stay.set(why, (stay.get(why) ?? 0) + count);

/** Batches of one partition each, in the order of the offsets. */
function batchesOf(waiting: readonly Waiting[], { batchSize }: Job): Waiting[][] {
  const bytesOf = ({ sources }: Waiting) => sources.reduce((sum, { bytes }) => sum + bytes, 0);
  return [...Map.groupBy(waiting, ({ topic, partition }) => `${topic}/${partition}`).values()].flatMap((all) =>
    chunks(all.toSorted((a, b) => a.offset - b.offset), batchSize, bytesOf, maxEventBytes),
  );
}

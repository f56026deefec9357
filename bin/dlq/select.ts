import { chunks } from '../../lambdas/runtime/chunks.ts';
import { type FailedRecord, placeName } from './failed-records.ts';
import type { Objects } from './objects.ts';
import { type Choice, type Found, foundIn, isChosen, isWhole } from './undelivered.ts';
import { type Folders, readRecords, recordsOf, type Source, type Waiting, waitingIn } from './waiting.ts';

/** A record that is meant, with what is told of it. */
export interface Meant {
  readonly waiting: Waiting;
  readonly found: Found;
}

/** Records that are looked at together. */
const atOnce = 100;

/** What is told of a record; one that is no event goes by its place. */
export const foundOf = ({ record, reason }: FailedRecord): Found => foundIn(record.value ? Buffer.from(record.value, 'base64').toString() : '', placeName(record), reason);

/** Looks at those that wait, as far as they are meant, up to so many. */
export async function meantOf(objects: Objects, waiting: readonly Waiting[], choice: Choice, max = Number.POSITIVE_INFINITY): Promise<Meant[]> {
  const meant: Meant[] = [];
  for (const some of chunks(waiting, atOnce)) {
    for (const [each, record] of await recordsOf(objects, some)) {
      const found = foundOf(record);
      if (isChosen(found, choice)) meant.push({ waiting: each, found });
    }
    if (meant.length >= max) break;
  }
  return meant.slice(0, max);
}

/**
 * The records of some folders that are meant. A batch of which only some are meant is taken apart: each of its records gets an object of its own.
 *
 * @returns also how many objects hold no records, when all are meant
 */
export async function selected(objects: Objects, folders: Folders, choice: Choice): Promise<{ waiting: Waiting[]; strange: number }> {
  const all = await waitingIn(objects, folders);
  if (isWhole(choice)) return all;
  const meant = (await meantOf(objects, all.waiting, choice)).map(({ waiting }) => waiting);
  const countOf = (source: Source): number => meant.filter(({ sources }) => sources.includes(source)).length;
  const torn = new Set(meant.flatMap(({ sources }) => sources.filter((source) => source.undone > countOf(source))));
  if (torn.size === 0) return { waiting: meant, strange: 0 };
  for (const { key } of torn) await takeApart(objects, key, folders.parkedFolder);
  const places = new Set(meant.map(placeName));
  const { waiting } = await waitingIn(objects, folders);
  return { waiting: waiting.filter((each) => places.has(placeName(each))), strange: 0 };
}

/** The batch goes when all its records lie there on their own; one that the function parked itself keeps its reason. */
async function takeApart(objects: Objects, key: string, parkedFolder: string): Promise<void> {
  for (const failed of (await readRecords(objects, key)) ?? []) {
    const own = `${parkedFolder}${placeName(failed.record)}.json`;
    if ((await objects.version(own)) === undefined) await objects.write(own, JSON.stringify({ reason: failed.reason, record: failed.record }));
  }
  await objects.remove(key);
}

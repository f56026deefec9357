import { z } from 'zod';
import { chunks } from '../../lambdas/runtime/chunks.ts';
import { type FailedRecord, failedRecordsIn, type Place, placeName, placeOf } from './failed-records.ts';
import type { Objects, Stored } from './objects.ts';

/** A record that waits to go back: its place, and the objects that hold it. */
export interface Waiting extends Place {
  readonly sources: readonly Source[];
}

/** An object, with how many of its records are not done yet. */
export interface Source extends Stored {
  undone: number;
}

/** Where records lie in a bucket. */
export interface Folders {
  /** Of objects with one record each, which their keys name. */
  readonly folder: string;
  /** Of batches that AWS Lambda gave up; left out, there are none. */
  readonly batchFolder?: string | undefined;
  /** Of what the function parks, which is `folder` for the most part. */
  readonly parkedFolder: string;
}

/** Objects that are read at once. */
const readsAtOnce = 20;

/**
 * All records in some folders, each once, though a function may have parked one of a batch that was given up as well. Records themselves are
 * read when their turn comes; only batches are looked into, because their keys name no record.
 *
 * @returns also how many objects hold none
 */
export async function waitingIn(objects: Objects, { folder, batchFolder }: Pick<Folders, 'folder' | 'batchFolder'>): Promise<{ waiting: Waiting[]; strange: number }> {
  const found = new Map<string, Place & { readonly sources: Source[] }>();
  let strange = 0;
  const add = ({ topic, partition, offset }: Place, source: Source): void => {
    const place = { topic, partition, offset };
    const entry = found.get(placeName(place)) ?? { ...place, sources: [] };
    entry.sources.push(source);
    found.set(placeName(place), entry);
  };
  for (const stored of await objects.below(folder)) {
    const place = placeOf(stored.key);
    if (place) add(place, { ...stored, undone: 1 });
    else strange += 1;
  }
  const batches = batchFolder === undefined ? [] : await objects.below(batchFolder);
  for (const some of chunks(batches, readsAtOnce)) {
    const contents = await readAll(objects, some.map(({ key }) => key));
    for (const stored of some) {
      const records = contents.get(stored.key) ?? [];
      const source = { ...stored, undone: records.length };
      for (const { record } of records) add(record, source);
      if (records.length === 0) strange += 1;
    }
  }
  return { waiting: [...found.values()], strange };
}

/** The records of those that wait, as far as they are still there. */
export async function recordsOf(objects: Objects, some: readonly Waiting[]): Promise<Map<Waiting, FailedRecord>> {
  const contents = await readAll(objects, [...new Set(some.flatMap(({ sources }) => sources.map(({ key }) => key)))]);
  const byPlace = new Map([...contents.values()].flatMap((records = []) => records.map((each) => [placeName(each.record), each] as const)));
  return new Map(
    some.flatMap((each) => {
      const record = byPlace.get(placeName(each));
      return record ? [[each, record] as const] : [];
    }),
  );
}

/** Reads objects; one that is gone, or holds no records, has none. */
async function readAll(objects: Objects, keys: readonly string[]): Promise<Map<string, FailedRecord[] | undefined>> {
  const contents = new Map<string, FailedRecord[] | undefined>();
  for (const some of chunks(keys, readsAtOnce)) {
    for (const [key, records] of await Promise.all(some.map(async (key) => [key, await readRecords(objects, key)] as const))) contents.set(key, records);
  }
  return contents;
}

/** The records of one object; nothing when it is gone, or holds none. */
export async function readRecords(objects: Objects, key: string): Promise<FailedRecord[] | undefined> {
  try {
    return failedRecordsIn(await objects.read(key));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || (error as Error).name === 'NoSuchKey') return undefined;
    throw error;
  }
}

import { minute } from './clock.ts';
import { addTo, type Bucket, bucketOf, merge } from './statistics.ts';
import type { MetricId } from './types.ts';

/** How long values are kept, in milliseconds. */
export const keptMilliseconds = 24 * 60 * minute;

/** The values of metrics, by minute. */
export interface MetricStore {
  /** @param at epoch milliseconds of CloudWatch */
  add(metric: MetricId, at: number, values: readonly number[], unit?: string): void;
  /** Sets the one value of a minute. */
  set(metric: MetricId, at: number, value: number, unit?: string): void;
  /** The values from a moment to before another, which are whole minutes; nothing when there are none. */
  between(metric: MetricId, start: number, end: number): Bucket | undefined;
  unitOf(metric: MetricId): string | undefined;
  list(): readonly MetricId[];
  /** Forgets what is older than a moment. */
  forget(before: number): void;
}

interface Kept {
  readonly metric: MetricId;
  unit: string | undefined;
  /** By the number of the minute since the epoch. */
  readonly minutes: Map<number, Bucket>;
}

const keys = new WeakMap<MetricId, string>();

/** What tells a metric from all others. A graph asks for it once for each of its periods, so it is made once. */
export function keyOf(metric: MetricId): string {
  const made = keys.get(metric);
  if (made !== undefined) return made;
  const key = JSON.stringify([metric.namespace, metric.name, ...Object.entries(metric.dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
  keys.set(metric, key);
  return key;
}

export function metricStore(): MetricStore {
  const all = new Map<string, Kept>();
  const keptOf = (metric: MetricId, unit: string | undefined): Kept => {
    const key = keyOf(metric);
    const kept = all.get(key) ?? { metric, unit, minutes: new Map<number, Bucket>() };
    kept.unit = unit ?? kept.unit;
    all.set(key, kept);
    return kept;
  };
  return {
    add: (metric, at, values, unit) => {
      const { minutes } = keptOf(metric, unit);
      const index = Math.floor(at / minute);
      for (const value of values) {
        const bucket = minutes.get(index);
        if (bucket) addTo(bucket, value);
        else minutes.set(index, bucketOf(value));
      }
    },
    set: (metric, at, value, unit) => {
      keptOf(metric, unit).minutes.set(Math.floor(at / minute), bucketOf(value));
    },
    between: (metric, start, end) => {
      const minutes = all.get(keyOf(metric))?.minutes;
      if (!minutes) return undefined;
      const buckets: Bucket[] = [];
      for (let index = Math.ceil(start / minute); index * minute < end; index += 1) {
        const bucket = minutes.get(index);
        if (bucket) buckets.push(bucket);
      }
      return merge(buckets);
    },
    unitOf: (metric) => all.get(keyOf(metric))?.unit,
    list: () => [...all.values()].map(({ metric }) => metric),
    forget: (before) => {
      for (const [key, { minutes }] of all) {
        for (const index of minutes.keys()) {
          // They are in about the order of time; whatever is out of it goes a little later.
          if (index * minute >= before) break;
          minutes.delete(index);
        }
        if (minutes.size === 0) all.delete(key);
      }
    },
  };
}

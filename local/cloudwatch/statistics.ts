/** What CloudWatch keeps of a metric's values in a minute: each value, and how often there was one of it. */
export interface Bucket {
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** How often by value; left out while all values are the same. */
  values?: Map<number, number>;
}

/** So many different values are kept exactly; further ones are rounded, which percentiles show by half a percent at most. */
const mostValues = 500;
const digits = 3;

export const bucketOf = (value: number, count = 1): Bucket => ({ count, sum: value * count, minimum: value, maximum: value });

/** Adds a value to a bucket. */
export function addTo(bucket: Bucket, value: number, count = 1): void {
  if (!bucket.values && bucket.minimum !== value) bucket.values = new Map([[bucket.minimum, bucket.count]]);
  bucket.count += count;
  bucket.sum += value * count;
  bucket.minimum = Math.min(bucket.minimum, value);
  bucket.maximum = Math.max(bucket.maximum, value);
  const { values } = bucket;
  if (!values) return;
  const kept = values.size < mostValues || values.has(value) ? value : Number(value.toPrecision(digits));
  values.set(kept, (values.get(kept) ?? 0) + count);
}

/** All values of some buckets; nothing of none. */
export function merge(buckets: readonly Bucket[]): Bucket | undefined {
  const [first, ...rest] = buckets;
  if (!first || rest.length === 0) return first;
  const merged: Bucket = { count: 0, sum: 0, minimum: Infinity, maximum: -Infinity, values: new Map() };
  for (const bucket of buckets) {
    merged.count += bucket.count;
    merged.sum += bucket.sum;
    merged.minimum = Math.min(merged.minimum, bucket.minimum);
    merged.maximum = Math.max(merged.maximum, bucket.maximum);
    for (const [value, count] of valuesOf(bucket)) merged.values?.set(value, (merged.values.get(value) ?? 0) + count);
  }
  return merged;
}

const valuesOf = ({ minimum, count, values }: Bucket): Iterable<readonly [value: number, count: number]> => values ?? [[minimum, count]];

/** What a statistic makes of the values of a period. */
export type Statistic = (bucket: Bucket) => number;

const statistics: Readonly<Record<string, Statistic>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ minimum }) => minimum,
  Maximum: ({ maximum }) => maximum,
};

/**
 * A statistic by its name: `Sum`, `Average`, `p99`, `p99.9`
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html). Percentiles are by nearest rank; AWS does not tell
 * how it interpolates.
 *
 * @throws for one that the local run does not know
 */
export function statisticOf(name: string): Statistic {
  const percent = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(name)?.[1];
  const statistic = percent === undefined ? statistics[name] : (bucket: Bucket) => percentile(bucket, Number(percent));
  if (!statistic) throw new Error(`The local run's CloudWatch does not know the statistic ${name}.`);
  return statistic;
}

function percentile(bucket: Bucket, percent: number): number {
  let left = Math.max(1, Math.ceil((percent / 100) * bucket.count));
  for (const [value, count] of [...valuesOf(bucket)].toSorted(([a], [b]) => a - b)) {
    left -= count;
    if (left <= 0) return value;
  }
  return bucket.maximum;
}

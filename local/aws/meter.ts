/** What AWS bills, as far as a login causes it. */
export const billed = [
  'API requests',
  'invocations',
  'SNS requests',
  'SQS requests',
  'DynamoDB write units',
  'DynamoDB read units',
] as const;
export type Billed = (typeof billed)[number];
/** Calls of functions with records of Kafka are counted too, though nothing but the invocation is billed. */
export type Counted = Billed | 'Kafka batches';

/** Counts billed requests. */
export interface Meter {
  add(what: Counted, by: number): void;
  read(): Readonly<Record<Counted, number>>;
}

export function meter(): Meter {
  const counts = Object.fromEntries([...billed, 'Kafka batches'].map((what) => [what, 0])) as Record<Counted, number>;
  return {
    add: (what, by) => {
      counts[what] += by;
    },
    read: () => ({ ...counts }),
  };
}

/** SNS and SQS bill every begun 64 KiB of a request as one. */
export const requestsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / (64 * 1024)));

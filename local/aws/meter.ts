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

/** Counts billed requests. */
export interface Meter {
  add(what: Billed, by: number): void;
  read(): Readonly<Record<Billed, number>>;
}

export function meter(): Meter {
  const counts = Object.fromEntries(billed.map((what) => [what, 0])) as Record<Billed, number>;
  return {
    add: (what, by) => {
      counts[what] += by;
    },
    read: () => ({ ...counts }),
  };
}

/** SNS and SQS bill every begun 64 KiB of a request as one. */
export const requestsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / (64 * 1024)));

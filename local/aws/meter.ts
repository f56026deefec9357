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

/** Counts billed requests, and the CPU that functions take. */
export interface Meter {
  add(what: Billed, by: number): void;
  read(): Readonly<Record<Billed, number>>;
  /** Of an invocation and, at the first, of the start of its process. */
  addCpu(functionName: string, seconds: number): void;
  /** Seconds of CPU by function. */
  readCpu(): ReadonlyMap<string, number>;
}

export function meter(): Meter {
  const counts = Object.fromEntries(billed.map((what) => [what, 0])) as Record<Billed, number>;
  const cpu = new Map<string, number>();
  return {
    add: (what, by) => {
      counts[what] += by;
    },
    read: () => ({ ...counts }),
    addCpu: (name, seconds) => {
      cpu.set(name, (cpu.get(name) ?? 0) + seconds);
    },
    readCpu: () => new Map(cpu),
  };
}

/** SNS and SQS bill every begun 64 KiB of a request as one. */
export const requestsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / (64 * 1024)));

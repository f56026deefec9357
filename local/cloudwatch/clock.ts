/**
 * The time of CloudWatch, in epoch milliseconds. It is the machine's, unless a minute of it lasts shorter or longer than a minute: then all distances
 * from the start of the run are stretched by the same factor, those of functions' metrics and of messages in queues as well.
 */
export interface Clock {
  now(): number;
  /** CloudWatch's time of a moment of the machine. */
  at(machine: number): number;
  /** How long so many milliseconds of the machine are for CloudWatch. */
  stretched(milliseconds: number): number;
  /** How long a minute of CloudWatch lasts on this machine, in milliseconds. */
  readonly minuteMilliseconds: number;
}

export const minute = 60_000;

/** @param now of the machine, in epoch milliseconds */
export function clockOf(now: () => number, minuteMilliseconds = minute): Clock {
  const start = now();
  const factor = minute / minuteMilliseconds;
  const at = (machine: number) => start + (machine - start) * factor;
  return { now: () => at(now()), at, stretched: (milliseconds) => milliseconds * factor, minuteMilliseconds };
}

/** The value that so many of a hundred do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle one of some figures. */
export const median = (values: readonly number[]): number => percentile(values, 50);

export const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

export const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

/** A number that is read rather than counted with: 10,000. */
export const count = (number: number): string => number.toLocaleString('en');

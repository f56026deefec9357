/** The middle one of some figures. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

export const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

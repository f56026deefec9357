import { minute as minuteMilliseconds } from '../cloudwatch/clock.ts';

/** Counts by name and minute of one day. */
export interface MinuteCounts {
  add(name: string, count: number): void;
  /** The sum of the last so many minutes, the running one included. */
  sum(name: string, minutes: number): number;
}

export function minuteCounts(now: () => number, keptMinutes = 24 * 60): MinuteCounts {
  const counts = new Map<string, Map<number, number>>();
  const minuteNow = () => Math.floor(now() / minuteMilliseconds);
  return {
    add: (name, count) => {
      const minute = minuteNow();
      const byMinute = counts.get(name) ?? new Map<number, number>();
      counts.set(name, byMinute);
      byMinute.set(minute, (byMinute.get(minute) ?? 0) + count);
      // Entries are in the order of time, so the first is the oldest.
      for (const oldest of byMinute.keys()) {
        if (oldest > minute - keptMinutes) break;
        byMinute.delete(oldest);
      }
    },
    sum: (name, minutes) => {
      const first = minuteNow() - minutes;
      let sum = 0;
      for (const [minute, count] of counts.get(name) ?? []) if (minute > first) sum += count;
      return sum;
    },
  };
}

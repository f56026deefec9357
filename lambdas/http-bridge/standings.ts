import type { KafkaRecord } from '../runtime/kafka/records.ts';

/** What a container knows of the record that a partition stands at. */
export interface Standing {
  readonly offset: number;
  /** How often the endpoint did not work for it, in a row. */
  failures: number;
  /** How often the endpoint refused it. */
  refusals: number;
  /** How often it had to wait. */
  waits: number;
  /** Until when it is left alone, in epoch milliseconds. */
  until: number;
}

/** A record that fails again and again is tried about every minute. */
const maxWaitSeconds = 60;

/**
 * Where partitions stand, over the invocations of a container. What a container forgets costs a try at most: the offsets themselves are
 * Kafka's.
 */
export function standingsOf(now: () => Date, random: () => number) {
  const standings = new Map<string, Standing>();
  const of = ({ partition, record: { offset } }: KafkaRecord): Standing => {
    const found = standings.get(partition);
    if (found?.offset === offset) return found;
    const fresh = { offset, failures: 0, refusals: 0, waits: 0, until: 0 };
    standings.set(partition, fresh);
    return fresh;
  };
  return {
    of,
    /** Leaves a record alone for 1, 2, 4… 60 seconds with a jitter of a quarter. */
    wait: (record: KafkaRecord): void => {
      const standing = of(record);
      standing.until = now().getTime() + Math.min(2 ** standing.waits, maxWaitSeconds) * (0.75 + random() / 4) * 1000;
      standing.waits += 1;
    },
    /** The partition has gone on from a record. */
    forget: ({ partition }: KafkaRecord): void => void standings.delete(partition),
  };
}

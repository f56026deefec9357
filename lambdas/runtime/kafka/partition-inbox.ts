import type { MSKEvent } from 'aws-lambda';
import type { Inbox, Incoming } from '../inbox.ts';
import type { OnFailure } from './on-failure.ts';
import { goOnFrom, type KafkaBatchResponse, type KafkaRecord, nameOf, recordsOf } from './records.ts';

/** Seconds before failed records are reported; up to as much again at random. */
const backoffSeconds = 1;
/** What an invocation needs after it has waited. */
const marginMilliseconds = 1500;

interface Parts {
  readonly onFailure: OnFailure;
  readonly now: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/**
 * The records of Kafka's partitions. Those of one account are a lane. What is bad is parked at once with the reason; of what failed, each
 * partition goes on from the first.
 */
export function partitionInbox({ onFailure, now, random, sleep }: Parts): Inbox<MSKEvent, KafkaBatchResponse> {
  /** Nothing delays a retry on Kafka but the function itself; the time of the invocation bounds it. */
  const wait = (seconds: number, deadline: Date): Promise<unknown> =>
    sleep(Math.max(0, Math.min(seconds * 1000, deadline.getTime() - now().getTime() - marginMilliseconds)));

  return {
    open: (event, deadline) => {
      const all = recordsOf(event);
      const recordOf = new Map<Incoming, KafkaRecord>(
        all.flatMap((each) => (each.body === undefined ? [] : [[{ name: nameOf(each), body: each.body, lane: laneOf(each) }, each]])),
      );
      return {
        records: [...recordOf.keys()],
        empty: all.length - recordOf.size,
        settle: async (failures) => {
          const parting = new Map<KafkaRecord, string>();
          const failed = new Set<KafkaRecord>();
          for (const [incoming, { isFinal, reason }] of failures) {
            const record = recordOf.get(incoming);
            if (!record) continue;
            failed.add(record);
            if (isFinal) parting.set(record, reason);
          }
          const parked = await onFailure.park(parting);
          for (const record of parked) failed.delete(record);
          if (failed.size > 0) {
            const seconds = [...failures.values()].flatMap((failure) => failure.seconds ?? []);
            await wait(Math.max(backoffSeconds * (1 + random()), ...seconds), deadline);
          }
          return { parked: new Set([...failures.keys()].filter((each) => parked.has(recordOf.get(each) as KafkaRecord))), answer: goOnFrom(failed) };
        },
      };
    },
  };
}

/** A record without a key is nobody's, and waits for nobody. */
const laneOf = ({ partition, record: { key, offset } }: KafkaRecord): string => (key ? `${partition} ${key}` : `${partition}@${offset}`);

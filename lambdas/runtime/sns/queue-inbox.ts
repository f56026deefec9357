import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { maxReceives } from '../../contracts/names.ts';
import type { Inbox, Incoming } from '../inbox.ts';
import type { RecordQueue } from './record-queue.ts';

/**
 * The records of an SQS queue, each a lane of its own. What is bad, or has failed for the last time, goes to the dead-letter queue with the
 * reason; the rest of what failed comes back after a short, growing time.
 */
export function queueInbox(queue: Pick<RecordQueue, 'park' | 'delay'>): Inbox<SQSEvent, SQSBatchResponse> {
  return {
    open: ({ Records }) => {
      const recordOf = new Map<Incoming, SQSRecord>(Records.map((record) => [{ name: record.messageId, body: record.body, lane: record.messageId }, record]));
      return {
        records: [...recordOf.keys()],
        empty: 0,
        settle: async (failures) => {
          if (failures.size === 0) return { parked: new Set(), answer: { batchItemFailures: [] } };
          const park = new Map<SQSRecord, string>();
          const seconds = new Map<SQSRecord, number | undefined>();
          for (const [incoming, failure] of failures) {
            const record = recordOf.get(incoming);
            if (!record) continue;
            seconds.set(record, failure.seconds);
            if (failure.isFinal || receivesOf(record) >= maxReceives) park.set(record, failure.reason);
          }
          const parked = await queue.park(park);
          for (const record of parked) seconds.delete(record);
          await queue.delay(seconds);
          const batchItemFailures = [...seconds.keys()].map(({ messageId }) => ({ itemIdentifier: messageId }));
          return { parked: new Set([...failures.keys()].filter((each) => parked.has(recordOf.get(each) as SQSRecord))), answer: { batchItemFailures } };
        },
      };
    },
  };
}

const receivesOf = (record: SQSRecord): number => Number(record.attributes.ApproximateReceiveCount);

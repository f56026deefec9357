import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { reasonAttribute } from '../contracts/names.ts';

/** The service's own queue, as far as a consumer must touch it: for what failed. */
export interface RecordQueue {
  /** Puts records into the dead-letter queue, each with its reason. @returns those that lie there now */
  park(records: ReadonlyMap<SQSRecord, string>): Promise<ReadonlySet<SQSRecord>>;
  /** Lets records come back after a short time that grows with each receive, rather than after the queue's whole time-out. */
  delay(failures: ReadonlyMap<SQSRecord, unknown>): Promise<void>;
}

/** Thrown by a handler whose record is to come back at a time of its own, rather than after the usual back-off. */
export class ComeBackError extends Error {
  readonly seconds: number | undefined;

  /** @param seconds until it comes back; left out, as after any failure */
  constructor(reason: string, seconds?: number) {
    super(reason);
    this.seconds = seconds;
  }
}

/** SQS takes 10 entries and 256 KiB a batch; a record of ours is far below 25 KiB, but a foreign one may not be. */
const maxEntries = 10;

/** Seconds until a failed record comes back: 2, 4, 8, 16, and up to as much again at random. */
export const backoffSeconds = (receives: number, random: () => number): number =>
  Math.ceil(2 ** Math.min(receives, 6) * (1 + random()));

/** @param random from 0 to 1 */
export function recordQueue(
  sqs: Pick<SQSClient, 'send'>,
  urls: { queue: string; deadLetterQueue: string },
  random: () => number,
): RecordQueue {
  const parkBatch = async (batch: readonly [SQSRecord, string][]): Promise<SQSRecord[]> => {
    try {
      const { Successful } = await sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: urls.deadLetterQueue,
          Entries: batch.map(([{ body }, reason], index) => ({
            Id: String(index),
            MessageBody: body,
            MessageAttributes: { [reasonAttribute]: { DataType: 'String', StringValue: reason } },
          })),
        }),
      );
      return (Successful ?? []).flatMap(({ Id }) => batch[Number(Id)]?.[0] ?? []);
    } catch {
      // What could not be parked is reported as failed, and SQS itself moves it after its last receive.
      return [];
    }
  };
  const delayBatch = async (batch: readonly (readonly [SQSRecord, unknown])[]): Promise<void> => {
    try {
      await sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: urls.queue,
          Entries: batch.map(([{ receiptHandle, attributes }, error], index) => ({
            Id: String(index),
            ReceiptHandle: receiptHandle,
            VisibilityTimeout:
              (error instanceof ComeBackError ? error.seconds : undefined) ??
              backoffSeconds(Number(attributes.ApproximateReceiveCount), random),
          })),
        }),
      );
    } catch {
      // They come back after the queue's own visibility time-out: later, but not lost.
    }
  };
  return {
    park: async (records) => new Set((await Promise.all(chunks([...records], maxEntries).map(parkBatch))).flat()),
    delay: async (failures) => {
      await Promise.all(chunks([...failures], maxEntries).map(delayBatch));
    },
  };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

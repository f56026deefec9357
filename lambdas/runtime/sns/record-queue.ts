import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { reasonAttribute } from '../../contracts/names.ts';
import { chunks } from '../chunks.ts';

/** The service's own queue, as far as a consumer must touch it: for what failed. */
export interface RecordQueue {
  /** Puts records into the dead-letter queue, each with its reason. @returns those that lie there now */
  park(records: ReadonlyMap<SQSRecord, string>): Promise<ReadonlySet<SQSRecord>>;
  /** Puts messages into the queue itself. @returns the indices of those that it took */
  send(messages: readonly NewMessage[]): Promise<ReadonlySet<number>>;
  /**
   * Lets records come back sooner than after the queue's whole time-out: each after so many seconds, or, without a number, after a short time
   * that grows with each receive.
   */
  delay(seconds: ReadonlyMap<SQSRecord, number | undefined>): Promise<void>;
}

/** A message for the service's own queue. */
export interface NewMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly delaySeconds: number;
}

/** SQS takes 10 entries a batch. */
export const maxEntries = 10;

/** SQS hides a message for 12 hours at most. A moment to wait for that a wrong clock has set may lie further ahead, and would have the whole batch refused. */
const mostVisibilitySeconds = 43_200;

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
  const sendBatch = async (batch: readonly (readonly [number, NewMessage])[]): Promise<number[]> => {
    try {
      const { Successful } = await sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: urls.queue,
          Entries: batch.map(([index, { body, attributes, delaySeconds }]) => ({
            Id: String(index),
            MessageBody: body,
            DelaySeconds: delaySeconds,
            MessageAttributes: Object.fromEntries(
              Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
            ),
          })),
        }),
      );
      return (Successful ?? []).map(({ Id }) => Number(Id));
    } catch {
      // What the queue did not take stays where it was.
      return [];
    }
  };
  const delayBatch = async (batch: readonly (readonly [SQSRecord, number | undefined])[]): Promise<void> => {
    try {
      await sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: urls.queue,
          Entries: batch.map(([{ receiptHandle, attributes }, seconds], index) => ({
            Id: String(index),
            ReceiptHandle: receiptHandle,
            VisibilityTimeout: Math.min(seconds ?? backoffSeconds(Number(attributes.ApproximateReceiveCount), random), mostVisibilitySeconds),
          })),
        }),
      );
    } catch {
      // They come back after the queue's own visibility time-out: later, but not lost.
    }
  };
  return {
    park: async (records) => new Set((await Promise.all(chunks([...records], maxEntries, ([{ body }]) => Buffer.byteLength(body)).map(parkBatch))).flat()),
    send: async (messages) => {
      const batches = chunks([...messages.entries()], maxEntries, ([, { body }]) => Buffer.byteLength(body));
      return new Set((await Promise.all(batches.map(sendBatch))).flat());
    },
    delay: async (seconds) => {
      await Promise.all(chunks([...seconds], maxEntries).map(delayBatch));
    },
  };
}

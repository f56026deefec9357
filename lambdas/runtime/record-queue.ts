import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { reasonAttribute } from '../contracts/names.ts';

/** The service's own queue, as far as a consumer must touch it: for what failed. */
export interface RecordQueue {
  /** Puts records into the dead-letter queue, each with its reason. @returns those that lie there now */
  park(records: ReadonlyMap<SQSRecord, string>): Promise<ReadonlySet<SQSRecord>>;
  /** Puts messages into the queue itself. @returns the indices of those that it took */
  send(messages: readonly NewMessage[]): Promise<ReadonlySet<number>>;
  /** Lets records come back after a short time that grows with each receive, rather than after the queue's whole time-out. */
  delay(failures: ReadonlyMap<SQSRecord, unknown>): Promise<void>;
}

/** A message for the service's own queue. */
export interface NewMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly delaySeconds: number;
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

/** SQS takes 10 entries and 256 KiB a batch; some room is left for attributes. */
export const maxEntries = 10;
const maxBytes = 250 * 1024;

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
    park: async (records) => new Set((await Promise.all(chunks([...records], maxEntries, ([{ body }]) => Buffer.byteLength(body)).map(parkBatch))).flat()),
    send: async (messages) => {
      const batches = chunks([...messages.entries()], maxEntries, ([, { body }]) => Buffer.byteLength(body));
      return new Set((await Promise.all(batches.map(sendBatch))).flat());
    },
    delay: async (failures) => {
      await Promise.all(chunks([...failures], maxEntries).map(delayBatch));
    },
  };
}

/** Chunks of so many items, and of no more bytes than SQS takes at once. */
export function chunks<T>(items: readonly T[], size: number, bytesOf: (item: T) => number = () => 0): T[][] {
  const all: T[][] = [];
  let bytes = 0;
  for (const item of items) {
    const last = all.at(-1);
    bytes += bytesOf(item);
    if (last && last.length < size && bytes <= maxBytes) {
      last.push(item);
    } else {
      all.push([item]);
      bytes = bytesOf(item);
    }
  }
  return all;
}

import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Messages, Received } from '../aws/messages.ts';
import type { Meter } from '../aws/meter.ts';
import type { EventSourceMapping } from '../model.ts';
import { region } from '../cloudformation.ts';
import type { Pool } from './pool.ts';

/** An event source mapping at work. */
export interface Poller {
  /** Takes no more records, and resolves when those in work are done. */
  stop(): Promise<void>;
}

/** One call of ReceiveMessage or DeleteMessageBatch carries at most so many. */
const perCall = 10;
const retryMilliseconds = 1000;

/**
 * Feeds a function from its queue, as Lambda does: gathers up to a batch within the window, calls the function, deletes what it did
 * not report as failed. What failed comes back when its visibility time-out ends.
 *
 * A queue that cannot be read or written, as on a full disk, is asked again a second later.
 *
 * @param maxProcesses of the function on this machine; no more batches are in work than that
 * @param report told what the queue failed at
 */
export function startMapping(
  mapping: EventSourceMapping,
  { pool, messages, meter, maxProcesses, report }: { pool: Pool; messages: Messages; meter: Meter; maxProcesses: number; report: (what: string) => void },
): Poller {
  const { queueArn, batchSize, windowSeconds } = mapping;
  const stopping = new AbortController();
  const inWork = new Set<Promise<void>>();
  const concurrency = Math.min(mapping.maxConcurrency, maxProcesses);

  const gather = async (): Promise<Received[]> => {
    await messages.arrival(queueArn, stopping.signal);
    const batch: Received[] = [];
    const end = performance.now() + windowSeconds * 1000;
    while (!stopping.signal.aborted) {
      const received = messages.receive(queueArn, Math.min(perCall, batchSize - batch.length));
      if (received.length > 0) meter.add('SQS requests', 1);
      batch.push(...received);
      const left = end - performance.now();
      if (batch.length === batchSize || left <= 0) break;
      if (received.length === 0) await messages.arrival(queueArn, AbortSignal.any([stopping.signal, AbortSignal.timeout(Math.ceil(left))]));
    }
    return batch;
  };

  const work = async (batch: readonly Received[]): Promise<void> => {
    const failed = await call(batch);
    const done = batch.filter(({ messageId }) => !failed.has(messageId)).map(({ receiptHandle }) => receiptHandle);
    for (let start = 0; start < done.length; start += perCall) {
      messages.delete(queueArn, done.slice(start, start + perCall));
      meter.add('SQS requests', 1);
    }
  };

  /** @returns the ids of the records that failed */
  const call = async (batch: readonly Received[]): Promise<Set<string>> => {
    const all = new Set(batch.map(({ messageId }) => messageId));
    const event: SQSEvent = { Records: batch.map((received) => recordOf(received, queueArn)) };
    try {
      const result = (await pool.invoke(event)) as SQSBatchResponse | null | undefined;
      if (!mapping.reportsFailures) return new Set();
      const failed = new Set((result?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
      // An identifier that is not of the batch fails it whole, as on AWS.
      return failed.isSubsetOf(all) ? failed : all;
    } catch {
      return all;
    }
  };

  /** Does something with the queue. What fails comes again, as it does when SQS fails: what was not deleted is redelivered. */
  const trying = async <T>(doing: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await doing();
    } catch (error) {
      report(`The local queues failed: ${String(error)}`);
      if (!stopping.signal.aborted) await delay(retryMilliseconds);
      return undefined;
    }
  };

  const poll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const batch = (await trying(gather)) ?? [];
      if (batch.length === 0) continue;
      const working: Promise<void> = trying(() => work(batch)).finally(() => inWork.delete(working));
      inWork.add(working);
      if (inWork.size >= concurrency) await Promise.race(inWork);
    }
    await Promise.all(inWork);
  };

  const polling = poll();
  return {
    stop: async () => {
      stopping.abort();
      await polling;
    },
  };
}

const recordOf = ({ messageId, receiptHandle, body, attributes, receives, sentAt, firstReceivedAt }: Received, queueArn: string): SQSRecord => ({
  messageId,
  receiptHandle,
  body,
  attributes: {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: String(sentAt),
    SenderId: 'AIDAIT2UOQQY3AUEKVGXU',
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
  },
  messageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue }]) => [name, { dataType: DataType, stringValue: StringValue }]),
  ),
  md5OfBody: createHash('md5').update(body).digest('hex'),
  eventSource: 'aws:sqs',
  eventSourceARN: queueArn,
  awsRegion: region,
});

import { setTimeout as delay } from 'node:timers/promises';
import { PublishBatchCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { CloudEvent } from '../../contracts/cloud-event.ts';
import { type Publisher, topicOfEvent } from '../publisher.ts';

/** SNS takes 10 entries and 256 KiB a batch; some room is left for what surrounds the bodies. */
const maxEntries = 10;
const maxBytes = 250 * 1024;
/** With the time limit of a call (2 s) this stays below the time-out of every function. */
const attempts = 3;

interface Entry {
  readonly event: CloudEvent;
  readonly topicArn: string;
  readonly message: string;
}

/**
 * A publisher over SNS: `PublishBatch` by topic, and exactly the failed entries again, with full jitter.
 *
 * @param topics ARNs by event type
 * @param random from 0 to 1
 */
export function snsPublisher(
  sns: Pick<SNSClient, 'send'>,
  topics: ReadonlyMap<string, string>,
  random: () => number,
): Publisher {
  const sendBatch = async (batch: Entry[]): Promise<Map<CloudEvent, string>> => {
    const failed = new Map<CloudEvent, string>();
    try {
      const { Failed } = await sns.send(
        new PublishBatchCommand({
          TopicArn: batch[0]?.topicArn,
          PublishBatchRequestEntries: batch.map(({ message }, index) => ({ Id: String(index), Message: message })),
        }),
      );
      for (const { Id, Code } of Failed ?? []) {
        const entry = batch[Number(Id)];
        if (entry) failed.set(entry.event, Code ?? 'Failed');
      }
    } catch (error) {
      for (const { event } of batch) failed.set(event, error instanceof Error ? error.name : 'Error');
    }
    return failed;
  };

  const send = async (entries: Entry[], attempt: number): Promise<Map<CloudEvent, string>> => {
    const results = await Promise.all(batches(entries).map(sendBatch));
    const failed = new Map(results.flatMap((result) => [...result]));
    if (failed.size === 0 || attempt === attempts) return failed;
    await delay(random() * 100 * 2 ** attempt);
    return send(
      entries.filter(({ event }) => failed.has(event)),
      attempt + 1,
    );
  };

  return {
    publish: (events) =>
      send(
        events.map((event) => ({ event, topicArn: topicOfEvent(topics, event), message: JSON.stringify(event) })),
        1,
      ),
  };
}

function batches(entries: Entry[]): Entry[][] {
  const open = new Map<string, { entries: Entry[]; bytes: number }>();
  const all: Entry[][] = [];
  for (const entry of entries) {
    const bytes = Buffer.byteLength(entry.message);
    let batch = open.get(entry.topicArn);
    if (!batch || batch.entries.length === maxEntries || batch.bytes + bytes > maxBytes) {
      batch = { entries: [], bytes: 0 };
      open.set(entry.topicArn, batch);
      all.push(batch.entries);
    }
    batch.entries.push(entry);
    batch.bytes += bytes;
  }
  return all;
}

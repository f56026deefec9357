import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { reasonAttribute } from '../../lambdas/contracts/names.ts';
import { chunks } from '../../lambdas/runtime/chunks.ts';
import { maxEntries } from '../../lambdas/runtime/sns/record-queue.ts';
import { type Choice, type Found, foundIn, isChosen, type Progress } from './undelivered.ts';

/** A message of a dead-letter queue, held until it is deleted or let go. */
export interface Held {
  readonly found: Found;
  readonly body: string;
  readonly handle: string;
}

/** How long messages stay hidden while one looks for those that are meant. */
const holdSeconds = 600;

/** What operators do with queues. */
export function queuesOf(sqs: SQSClient) {
  const urlOf = async (queue: string): Promise<string> => (await sqs.send(new GetQueueUrlCommand({ QueueName: queue }))).QueueUrl ?? '';

  async function countOf(url: string): Promise<number> {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] }));
    return Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0);
  }

  /** Waits a little: without that SQS asks only some of its servers. */
  const receive = async (url: string, visibilitySeconds: number): Promise<Message[]> =>
    (
      await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: visibilitySeconds,
          WaitTimeSeconds: 2,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['SentTimestamp'],
        }),
      )
    ).Messages ?? [];

  /** Lets held messages be seen again. Those that cannot be come back by themselves. */
  async function letGo(url: string, held: readonly Held[]): Promise<void> {
    for (const some of chunks(held, maxEntries)) {
      const Entries = some.map(({ handle }, index) => ({ Id: String(index), ReceiptHandle: handle, VisibilityTimeout: 0 }));
      await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
    }
  }

  return {
    urlOf,
    countOf,

    /** Since when the oldest of those lies there that one look finds. */
    oldestOf: async (url: string): Promise<number | undefined> => {
      const times = (await receive(url, 0)).flatMap(({ Attributes }) => (Attributes?.SentTimestamp === undefined ? [] : [Number(Attributes.SentTimestamp)]));
      return times.length > 0 ? Math.min(...times) : undefined;
    },

    /** Goes through the messages that lie there now, and hands over those that are meant, up to 10 at a time; the others are let go at the end, and on failure. */
    each: async (url: string, choice: Choice, take: (held: Held[]) => Promise<'taken' | 'left'>, progress: Progress, max = Number.POSITIVE_INFINITY): Promise<void> => {
      const there = Math.min(await countOf(url), max);
      const left: Held[] = [];
      try {
        // Those that come back meanwhile are for another time.
        for (let seen = 0; seen < there; ) {
          const messages = (await receive(url, holdSeconds)).map(heldOf);
          if (messages.length === 0) break;
          seen += messages.length;
          const meant = messages.filter(({ found }) => isChosen(found, choice));
          left.push(...messages.filter((each) => !meant.includes(each)));
          if (meant.length > 0) {
            left.push(...meant);
            if ((await take(meant)) === 'taken') left.splice(-meant.length);
          }
          progress(Math.min(seen, there), there);
        }
      } finally {
        await letGo(url, left);
      }
    },

    /** Sends bodies to a queue, 10 at a time. @throws when one is not taken */
    send: async (url: string, bodies: readonly string[]): Promise<void> => {
      for (const batch of chunks(bodies, maxEntries, (body) => Buffer.byteLength(body))) {
        const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
        const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
        if (Failed.length > 0) throw new Error(`The queue did not take ${Failed.length} messages (${Failed[0]?.Code}); they stay where they are.`);
      }
    },

    remove: async (url: string, held: readonly Held[]): Promise<void> => {
      const Entries = held.map(({ handle }, index) => ({ Id: String(index), ReceiptHandle: handle }));
      const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
      if (Failed.length > 0) throw new Error(`${Failed.length} messages could not be deleted (${Failed[0]?.Code}); they stay where they are.`);
    },
  };
}

export type Queues = ReturnType<typeof queuesOf>;

function heldOf({ Body = '', MessageId = '', ReceiptHandle = '', MessageAttributes }: Message): Held {
  const reason = MessageAttributes?.[reasonAttribute]?.StringValue ?? 'received too often';
  return { found: foundIn(Body, MessageId, reason), body: Body, handle: ReceiptHandle };
}

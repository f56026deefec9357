import type { S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  paginateListQueues,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { expiredFolder, expiredPrefix, reasonAttribute } from '../../lambdas/contracts/names.ts';
import { chunks } from '../../lambdas/runtime/chunks.ts';
import { maxEntries } from '../../lambdas/runtime/sns/record-queue.ts';
import type { Names } from '../../lib/names.ts';
import { objectsOf } from './objects.ts';
import { describe, type Say, type Undelivered } from './undelivered.ts';

interface Parts {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly names: Names;
  /** Name of the bucket of the http-bridge. */
  readonly backlog: string;
  readonly say: Say;
}

const isDeadLetterQueue = /-(dead-letters|undelivered)$/;
const heldEvents = z.array(z.object({ body: z.string() }));

/** On SNS: dead-letter queues, and batches of events in the bucket of the http-bridge. */
export function onSns({ sqs, s3, names, backlog, say }: Parts): Undelivered {
  const objects = objectsOf(s3, backlog);
  const urlOf = async (queue: string): Promise<string> => (await sqs.send(new GetQueueUrlCommand({ QueueName: queue }))).QueueUrl ?? '';
  /** A dead-letter queue by its own name, or by its owner's as on Kafka: `notifier`. */
  const queueOf = (name: string): string => (isDeadLetterQueue.test(name) ? name : names.resource(name, 'dead-letters'));

  async function countOf(url: string): Promise<number> {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] }));
    return Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0);
  }

  /** Waits a little: without that SQS asks only some of its servers. */
  const receive = async (url: string, visibilitySeconds: number): Promise<Message[]> =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: visibilitySeconds, WaitTimeSeconds: 2, MessageAttributeNames: ['All'] }))).Messages ?? [];

  /** Sends bodies to a queue, 10 at a time. @throws when one is not taken */
  async function send(url: string, bodies: readonly string[]): Promise<void> {
    for (const batch of chunks(bodies, maxEntries, (body) => Buffer.byteLength(body))) {
      const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
      if (Failed.length > 0) throw new Error(`The queue did not take ${Failed.length} messages (${Failed[0]?.Code}); they stay where they are.`);
    }
  }

  return {
    list: async () => {
      for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs }, { QueueNamePrefix: names.resource('') })) {
        for (const url of QueueUrls.filter((each) => isDeadLetterQueue.test(each))) {
          say(`${await countOf(url)}\t${url.split('/').at(-1)}`);
        }
      }
      const batches = await objects.below(expiredFolder);
      for (const [subscription = '', some] of Map.groupBy(batches, ({ key }) => key.split('/')[1])) say(`${some.length} batches put aside\t${subscription}`);
    },

    show: async (name) => {
      const messages = await receive(await urlOf(queueOf(name)), 1);
      if (messages.length === 0) say('It is empty.');
      for (const { Body = '', MessageAttributes } of messages) {
        const reason = MessageAttributes?.[reasonAttribute]?.StringValue ?? 'received too often';
        say(`${describe(Body)}\t${reason}`);
      }
    },

    redrive: async (name) => {
      const queue = queueOf(name);
      const [from, to] = await Promise.all([urlOf(queue), urlOf(queue.replace(isDeadLetterQueue, '-queue'))]);
      const there = await countOf(from);
      let count = 0;
      // Those that come back meanwhile are for another time.
      while (count < there) {
        const messages = await receive(from, 60);
        if (messages.length === 0) break;
        await send(to, messages.map(({ Body = '' }) => Body));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: from, Entries: messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })) }));
        count += messages.length;
        say(`${count} put back…`);
      }
      say(`${count} messages of ${queue} are on their way again.`);
    },

    restore: async (subscription) => {
      const to = await urlOf(`${names.resource('http-bridge', subscription)}-queue`);
      let count = 0;
      for (const { key } of await objects.below(expiredPrefix(subscription))) {
        const events = heldEvents.parse(JSON.parse(await objects.read(key)));
        await send(to, events.map(({ body }) => body));
        await objects.remove(key);
        count += events.length;
        say(`${count} put back…`);
      }
      say(`${count} events of ${subscription} are on their way again.`);
    },
  };
}

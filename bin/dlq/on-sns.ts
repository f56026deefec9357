import type { S3Client } from '@aws-sdk/client-s3';
import { paginateListQueues, type SQSClient } from '@aws-sdk/client-sqs';
import type { Names } from '../../lib/names.ts';
import { asideIn } from './aside.ts';
import { objectsOf } from './objects.ts';
import { queuesOf } from './queue.ts';
import { type Found, isWhole, type Pile, type Progress, type Undelivered } from './undelivered.ts';

interface Parts {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly names: Names;
  /** Name of the bucket of the http-bridge. */
  readonly backlog: string;
  readonly progress: Progress;
}

const isDeadLetterQueue = /-(dead-letters|undelivered)$/;

/** On SNS: dead-letter queues, and batches of events in the bucket of the http-bridge. */
export function onSns({ sqs, s3, names, backlog, progress }: Parts): Undelivered {
  const queues = queuesOf(sqs);
  const aside = asideIn(objectsOf(s3, backlog));
  /** A dead-letter queue by its own name, or by its owner's as on Kafka: `notifier`. */
  const queueOf = (name: string): string => (isDeadLetterQueue.test(name) ? name : names.resource(name, 'dead-letters'));
  /** How commands know a queue: by its owner, or by its own name. */
  const nameOf = (queue: string): string => (queue.endsWith('-dead-letters') ? queue.slice(names.resource('').length, -'-dead-letters'.length) : queue);
  const urlOf = async (queue: string): Promise<string> => {
    try {
      return await queues.urlOf(queue);
    } catch (error) {
      if (!/NonExistentQueue|QueueDoesNotExist/.test((error as Error).name)) throw error;
      throw new Error(`There is no queue ${queue}; npm run dlq -- list shows what there is.`, { cause: error });
    }
  };

  async function pileOf(url: string): Promise<Pile> {
    const count = await queues.countOf(url);
    return { name: nameOf(url.split('/').at(-1) ?? ''), count, what: 'parked', oldest: count === 0 ? undefined : await queues.oldestOf(url) };
  }

  return {
    list: async () => {
      const piles: Pile[] = [];
      for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs }, { QueueNamePrefix: names.resource(''), MaxResults: 1000 })) {
        piles.push(...(await Promise.all(QueueUrls.filter((each) => isDeadLetterQueue.test(each)).map(pileOf))));
      }
      return [...piles, ...(await aside.list())];
    },

    look: async ({ name, isAside }, choice, max) => {
      const found: Found[] = [];
      const take = (some: readonly { found: Found }[]): Promise<'left'> => {
        found.push(...some.map((each) => each.found));
        return Promise.resolve('left');
      };
      if (isAside) await aside.each(name, choice, take, progress);
      else await queues.each(await urlOf(queueOf(name)), choice, take, progress, isWhole(choice) ? max : undefined);
      return found.slice(0, max);
    },

    redrive: async (name, choice) => {
      const queue = queueOf(name);
      const [from, to] = await Promise.all([urlOf(queue), urlOf(queue.replace(isDeadLetterQueue, '-queue'))]);
      let count = 0;
      await queues.each(from, choice, async (held) => {
        await queues.send(to, held.map(({ body }) => body));
        await queues.remove(from, held);
        count += held.length;
        return 'taken';
      }, progress);
      return [`${count} messages of ${queue} are on their way again.`];
    },

    restore: async (subscription, choice) => {
      const to = await urlOf(`${names.resource('http-bridge', subscription)}-queue`);
      let count = 0;
      await aside.each(subscription, choice, async (events) => {
        await queues.send(to, events.map(({ body }) => body));
        count += events.length;
        return 'taken';
      }, progress);
      return [`${count} events of ${subscription} are on their way again.`];
    },

    discard: async ({ name, isAside }, choice, record) => {
      if (isAside) {
        await aside.each(name, choice, (events) => {
          record(events.map(({ found }) => found));
          return Promise.resolve('taken');
        }, progress);
        return;
      }
      const url = await urlOf(queueOf(name));
      await queues.each(url, choice, async (held) => {
        record(held.map(({ found }) => found));
        await queues.remove(url, held);
        return 'taken';
      }, progress);
    },
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import { type Broker, fetchKafka, startBroker } from '../../local/kafka/broker.ts';
import { kafkaClient } from '../../local/kafka/client.ts';

/** A real Kafka for a test, with data of its own. */
export interface TestBroker {
  /** `127.0.0.1:9092`; stays the same over restarts. */
  readonly brokers: string;
  readonly oauthBrokers: string | undefined;
  /** Kills it at once, as a machine that goes down would. */
  kill(): Promise<void>;
  /** Starts it again on its data. */
  restart(): Promise<void>;
  makeTopics(topics: Readonly<Record<string, number>>): Promise<void>;
  /** All that lies in a topic, partition by partition, in order. */
  read(topic: string): Promise<{ key: string | undefined; value: string | undefined; partition: number }[]>;
  remove(): Promise<void>;
}

/** Starts a Kafka. @param reauthMilliseconds with it there is a second listener that asks for a token so often */
export async function startTestBroker(reauthMilliseconds?: number): Promise<TestBroker> {
  const libraries = await fetchKafka(console.log);
  const data = await mkdtemp(join(tmpdir(), 'loginward-kafka-'));
  const oauth = reauthMilliseconds === undefined ? {} : { oauth: { port: 0, reauthMilliseconds } };
  let broker: Broker = await startBroker({ libraries, port: 0, data, ...oauth });
  const { brokers, oauthBrokers } = broker;
  const client = kafkaClient(brokers);
  return {
    brokers,
    oauthBrokers,
    kill: () => broker.kill(),
    restart: async () => {
      broker = await startBroker({ libraries, port: Number(brokers.split(':')[1]), data });
    },
    makeTopics: async (topics) => {
      const admin = client.admin();
      await admin.connect();
      await admin.createTopics({ waitForLeaders: true, topics: Object.entries(topics).map(([topic, numPartitions]) => ({ topic, numPartitions, replicationFactor: 1 })) });
      await admin.disconnect();
    },
    read: async (topic) => {
      const admin = client.admin();
      await admin.connect();
      const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]));
      await admin.disconnect();
      const found: { key: string | undefined; value: string | undefined; partition: number }[] = [];
      const left = new Set([...ends].flatMap(([partition, end]) => (end > 0 ? [partition] : [])));
      if (left.size === 0) return found;
      const consumer = client.consumer({ groupId: `test-${crypto.randomUUID()}` });
      const { promise: done, resolve } = Promise.withResolvers<void>();
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        eachMessage: ({ partition, message: { key, value, offset } }) => {
          found.push({ key: key?.toString(), value: value?.toString(), partition });
          if (Number(offset) + 1 >= (ends.get(partition) ?? 0)) left.delete(partition);
          if (left.size === 0) resolve();
          return Promise.resolve();
        },
      });
      await done;
      await consumer.disconnect();
      return found;
    },
    remove: async () => {
      await broker.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** A token as OAUTHBEARER without a signature takes it, good for some seconds. */
export function unsecuredToken(seconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: 'publisher', iat: now, exp: now + seconds })}.`;
}

/** An event for a topic of one's own. */
export const plainEvent = (type: string, subject: string, id: string): CloudEvent => ({
  specversion: '1.0',
  id,
  source: 'test',
  type,
  subject,
  time: '2026-11-21T00:00:00Z',
  data: {},
});

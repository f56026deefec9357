import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventType, topicOf } from '../../lambdas/contracts/names.ts';
import type { Service } from '../../lib/services.ts';
import { startDynamoDb } from '../../local/aws/dynamodb.ts';
import { kafkaClient } from '../../local/kafka/client.ts';
import { openDatabase } from '../../local/state.ts';
import { startTestBroker } from '../support/brokers.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import type { ConformanceBus, Probe } from './suite.ts';
import { tablesAt } from './tables.ts';
import { probes } from './table.ts';

export interface OnKafka extends ConformanceBus {
  /** How many records of a type a probe has not done yet. */
  lag(probe: Probe, type: string): Promise<number>;
  remove(): Promise<void>;
}

/** The probes on a real Kafka. */
export async function startOnKafka(): Promise<OnKafka> {
  const folder = await mkdtemp(join(tmpdir(), 'loginward-conformance-'));
  const database = openDatabase(folder);
  const dynamo = await startDynamoDb(database);
  const broker = await startTestBroker();
  const options = { bus: 'kafka', brokers: broker.brokers, tablesUrl: dynamo.url } as const;
  const prefix = 'loginward-local-';
  let chain: LocalChain = await startLocalChain({ ...options, table: probes });
  const { data } = chain;
  const producer = kafkaClient(broker.brokers).producer();
  await producer.connect();
  return {
    get api() {
      return chain.api;
    },
    tables: tablesAt(dynamo.url),
    prefix,
    put: async ({ key = null, value, headers }) => {
      await producer.send({ topic: `${prefix}bus-${topicOf(eventType('password.changed'))}`, messages: [{ key, value, headers: { ...headers } }] });
    },
    parked: (probe) => Promise.resolve([...chain.local.onFailure(`${prefix}${probe}-consumer`).values()].flatMap(recordsIn)),
    lag: async (probe, type) => {
      const admin = kafkaClient(broker.brokers).admin();
      await admin.connect();
      const ends = await admin.fetchTopicOffsets(`${prefix}bus-${topicOf(type)}`);
      const [group] = await admin.fetchOffsets({ groupId: `${prefix}${probe}-${topicOf(type)}`, topics: [`${prefix}bus-${topicOf(type)}`] });
      await admin.disconnect();
      const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
      return ends.reduce((sum, { partition, high }) => sum + Number(high) - (committed.get(partition) ?? 0), 0);
    },
    kill: (probe) => Promise.resolve(chain.local.kill(`${prefix}${probe}-consumer`, Math.random)),
    crash: async () => {
      await broker.kill();
      await broker.restart();
    },
    withLateConsumer: async () => {
      await chain.stop();
      chain = await startLocalChain({ ...options, data, table: probes.map(late) });
    },
    remove: async () => {
      await producer.disconnect();
      await chain.remove();
      await broker.remove();
      await dynamo.close();
      database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The second probe with one more consumption. */
const late = (service: Service): Service =>
  service.name === 'probe-two' && service.consumer
    ? { ...service, consumer: { ...service.consumer, consumes: [...service.consumer.consumes, { event: 'contact.changed' }] } }
    : service;

interface Parked {
  readonly value: string;
  readonly reason: string | undefined;
}

/** The records of an object of an on-failure bucket: one that a function parked, with its reason, or a batch that a mapping gave up. */
function recordsIn(text: string): Parked[] {
  const object = JSON.parse(text) as { reason?: string; record?: { value: string }; payload?: string };
  const valueOf = ({ value }: { value: string }) => Buffer.from(value, 'base64').toString();
  if (object.record) return [{ value: valueOf(object.record), reason: object.reason }];
  const { records } = JSON.parse(object.payload ?? '{"records":{}}') as { records: Record<string, { value: string }[]> };
  return Object.values(records)
    .flat()
    .map((record) => ({ value: valueOf(record), reason: undefined }));
}

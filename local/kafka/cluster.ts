import type { Admin } from 'kafkajs';
import { LocalRunError } from '../error.ts';
import type { KafkaMapping, KafkaTopic } from '../model.ts';
import { isThisMachine } from './brokers.ts';
import { kafkaClient } from './client.ts';

/** The cluster that carries the events: what MSK's own API does, on brokers of this machine. */
export interface Cluster {
  /** List of host:port. */
  readonly brokers: string;
  /** Makes the topics that are missing, raises partitions, and sets what the templates say. Nothing is lowered or deleted. */
  makeTopics(topics: readonly KafkaTopic[]): Promise<void>;
  /** @returns nothing when there is no such topic */
  partitionsOf(topic: string): Promise<number | undefined>;
  raisePartitions(topic: string, count: number): Promise<void>;
  /** The ends of the partitions of all topics that mappings read, as text, when the groups of all of them have reached them. */
  caughtUp(mappings: readonly KafkaMapping[]): Promise<string | undefined>;
  /** How many records the group of each mapping is behind the end of its topic, by group. */
  lags(mappings: readonly KafkaMapping[]): Promise<Map<string, number>>;
  close(): Promise<void>;
}

/** Connects to the brokers. @throws LocalRunError when they do not answer, or send their clients to another machine */
export async function openCluster(brokers: string): Promise<Cluster> {
  const hint = 'Start one with npm run kafka, or name another one by --brokers.';
  // Somebody waits for the answer.
  const probe = kafkaClient(brokers, { retries: 2 }).admin();
  let nodes: { host: string }[];
  try {
    await probe.connect();
    nodes = (await probe.describeCluster()).brokers;
  } catch (error) {
    throw new LocalRunError(`No Kafka answers at ${brokers} (${(error as Error).message}). ${hint}`);
  } finally {
    await probe.disconnect().catch(() => undefined);
  }
  const remote = nodes.find(({ host }) => !isThisMachine(host));
  if (remote) throw new LocalRunError(`Kafka at ${brokers} sends its clients to ${remote.host}, which is not this machine: its advertised.listeners must be on loopback. ${hint}`);

  const admin = kafkaClient(brokers).admin();
  await admin.connect();
  const partitionsOf = async (topic: string): Promise<number | undefined> =>
    (await admin.listTopics()).includes(topic) ? partitionCount(admin, topic) : undefined;
  return {
    brokers,
    makeTopics: (topics) => makeTopics(admin, topics, nodes.length),
    partitionsOf,
    raisePartitions: async (topic, count) => {
      await admin.createPartitions({ topicPartitions: [{ topic, count }] });
    },
    caughtUp: async (mappings) => {
      const ends = await Promise.all(mappings.map((mapping) => endOf(admin, mapping)));
      return ends.includes(undefined) ? undefined : ends.join('; ');
    },
    lags: async (mappings) => new Map(await Promise.all(mappings.map(async (mapping) => [mapping.group, await lagOf(admin, mapping)] as const))),
    close: () => admin.disconnect(),
  };
}

/** How Kafka's protocol calls a topic whose configuration is changed. */
const topicResource = 2;

const partitionCount = async (admin: Admin, topic: string): Promise<number> => {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.length ?? 0;
};

async function makeTopics(admin: Admin, topics: readonly KafkaTopic[], brokers: number): Promise<void> {
  const there = new Set(await admin.listTopics());
  const missing = topics.filter(({ name }) => !there.has(name));
  const replication = (topic: KafkaTopic) => Math.min(topic.replication, brokers);
  const settings = (topic: KafkaTopic) =>
    Object.entries(topic.configs).map(([name, value]) => ({
      name,
      // More copies than there are brokers would never be written.
      value: name === 'min.insync.replicas' ? String(Math.min(Number(value), replication(topic))) : value,
    }));
  if (missing.length > 0) {
    await admin.createTopics({
      topics: missing.map((topic) => ({ topic: topic.name, numPartitions: topic.partitions, replicationFactor: replication(topic), configEntries: settings(topic) })),
      waitForLeaders: true,
    });
  }
  const kept = topics.filter(({ name }) => there.has(name));
  if (kept.length === 0) return;
  const resources = kept.map((topic) => ({ type: topicResource, name: topic.name, configEntries: settings(topic) }));
  await admin.alterConfigs({ validateOnly: false, resources });
  const { topics: described } = await admin.fetchTopicMetadata({ topics: kept.map(({ name }) => name) });
  const counts = new Map(described.map(({ name, partitions }) => [name, partitions.length]));
  const topicPartitions = kept.flatMap(({ name, partitions }) => (partitions > (counts.get(name) ?? 0) ? [{ topic: name, count: partitions }] : []));
  if (topicPartitions.length > 0) await admin.createPartitions({ topicPartitions });
}

/** The ends of a mapping's topic, when its group has reached them. */
async function endOf(admin: Admin, mapping: KafkaMapping): Promise<string | undefined> {
  const partitions = await behind(admin, mapping);
  const isThere = partitions.every(({ lag }) => lag === 0);
  return isThere ? partitions.map(({ partition, high }) => `${mapping.topic}-${partition}@${high}`).toSorted().join() : undefined;
}

const lagOf = async (admin: Admin, mapping: KafkaMapping): Promise<number> => (await behind(admin, mapping)).reduce((sum, { lag }) => sum + lag, 0);

/** By partition of a mapping's topic, where it ends, and how many records its group is behind that. */
async function behind(admin: Admin, { topic, group }: KafkaMapping): Promise<{ partition: number; high: string; lag: number }[]> {
  const [ends, [committed]] = await Promise.all([admin.fetchTopicOffsets(topic), admin.fetchOffsets({ groupId: group, topics: [topic] })]);
  const offsets = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  return ends.map(({ partition, low, high }) => ({ partition, high, lag: Math.max(0, Number(high) - Math.max(Number(low), offsets.get(partition) ?? 0)) }));
}

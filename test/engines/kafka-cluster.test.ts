import { randomUUID } from 'node:crypto';
import { DescribeTopicCommand, GetBootstrapBrokersCommand, KafkaClient, UpdateTopicCommand } from '@aws-sdk/client-kafka';
import type { CloudFormationCustomResourceCreateEvent } from 'aws-lambda';
import type { Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, authorityOf } from '../../local/aws/authority.ts';
import { type Endpoint, type EndpointParts, startEndpoint } from '../../local/aws/endpoint.ts';
import { makeCustomResources } from '../../local/custom-resources.ts';
import { kafkaClient } from '../../local/kafka/client.ts';
import { type Cluster, openCluster } from '../../local/kafka/cluster.ts';
import { checkKafkaRoles } from '../../local/kafka/roles.ts';
import type { CustomResource, Function, KafkaCluster, KafkaMapping, Model } from '../../local/model.ts';
import { startTestBroker, type TestBroker } from '../support/brokers.ts';

/** What MSK and CloudFormation do for the chain, on a real broker. */
const inCluster = (kind: string, name = '') => `arn:aws:kafka:us-east-1:000000000000:${kind}/bus/00000000-0000-4000-8000-000000000000-1${name}`;
const clusterArn = inCluster('cluster');

const functionThatMay = (name: string, statements: readonly object[], environment: Record<string, string> = {}): Function => ({
  name,
  arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
  codePath: '',
  handler: 'index.handler',
  environment,
  timeoutSeconds: 10,
  memoryMiB: 128,
  roleArn: `arn:aws:iam::000000000000:role/${name}`,
  policies: [{ Version: '2012-10-17', Statement: statements }],
  invokers: [],
});
const allow = (Action: string | string[], Resource: string) => ({ Effect: 'Allow', Action, Resource });

const onTopics = ['kafka:DescribeTopic', 'kafka:UpdateTopic', 'kafka-cluster:DescribeTopic', 'kafka-cluster:DescribeTopicDynamicConfiguration', 'kafka-cluster:AlterTopic', 'kafka-cluster:AlterTopicDynamicConfiguration'];
const connect = allow('kafka-cluster:Connect', clusterArn);
const functions = [
  functionThatMay('raiser', [allow('kafka:GetBootstrapBrokers', '*'), connect, allow(onTopics, inCluster('topic', '/*'))]),
  functionThatMay('reader', [connect, allow(onTopics.filter((action) => !/Alter|Update/.test(action)), inCluster('topic', '/*'))]),
];
const modelOf = (all: readonly Function[]): Model =>
  ({ queues: [], topics: [], keys: [], buckets: [], tables: [], functions: all, kafka: { arn: clusterArn, topics: [], mappings: [], customResources: [] } }) as unknown as Model;

let broker: TestBroker;
let cluster: Cluster;
let admin: Admin;
let endpoint: Endpoint;
beforeAll(async () => {
  broker = await startTestBroker();
  cluster = await openCluster(broker.brokers);
  admin = kafkaClient(broker.brokers).admin();
  await admin.connect();
  const model = modelOf(functions);
  endpoint = await startEndpoint({ model, authority: authorityOf(model), cluster, trouble: {}, report: () => undefined, now: () => new Date() } as unknown as EndpointParts);
});
afterAll(async () => {
  await endpoint?.close();
  await Promise.all([admin?.disconnect(), cluster?.close()]);
  await broker?.remove();
});

const partitionsOf = async (topic: string) => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length;
const configOf = async (name: string, config: string) => {
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name, configNames: [config] }] });
  return resources[0]?.configEntries[0]?.configValue;
};

describe('the topics of the templates', () => {
  it('are made as they say, with no more copies than there are brokers; a later start raises and never lowers', async () => {
    const name = `topic-${randomUUID()}`;
    const configs = { 'retention.ms': '1209600000', 'min.insync.replicas': '2' };
    await cluster.makeTopics([{ name, partitions: 3, replication: 3, configs }]);
    expect(await partitionsOf(name)).toBe(3);
    expect(await configOf(name, 'retention.ms')).toBe('1209600000');
    expect(await configOf(name, 'min.insync.replicas')).toBe('1');
    await cluster.makeTopics([{ name, partitions: 5, replication: 3, configs: { 'retention.ms': '1000' } }]);
    await cluster.makeTopics([{ name, partitions: 2, replication: 3, configs: { 'retention.ms': '1000' } }]);
    expect(await partitionsOf(name)).toBe(5);
    expect(await configOf(name, 'retention.ms')).toBe('1000');
  });
});

describe('the API of MSK', () => {
  const as = (functionName: string) => new KafkaClient({ endpoint: endpoint.url, region: 'us-east-1', credentials: endpoint.credentialsOf(functionName), maxAttempts: 1 });

  it('tells the brokers, describes topics, and raises partitions', async () => {
    const name = `topic-${randomUUID()}`;
    await cluster.makeTopics([{ name, partitions: 2, replication: 1, configs: {} }]);
    const client = as('raiser');
    expect((await client.send(new GetBootstrapBrokersCommand({ ClusterArn: clusterArn }))).BootstrapBrokerStringSaslIam).toBe(broker.brokers);
    await client.send(new UpdateTopicCommand({ ClusterArn: clusterArn, TopicName: name, PartitionCount: 4 }));
    expect(await client.send(new DescribeTopicCommand({ ClusterArn: clusterArn, TopicName: name }))).toMatchObject({ TopicName: name, PartitionCount: 4 });
    expect(await partitionsOf(name)).toBe(4);
    await expect(client.send(new UpdateTopicCommand({ ClusterArn: clusterArn, TopicName: name, PartitionCount: 3 }))).rejects.toMatchObject({ name: 'BadRequestException' });
    await expect(client.send(new DescribeTopicCommand({ ClusterArn: clusterArn, TopicName: 'none' }))).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  it('refuses what the role does not allow', async () => {
    const name = `topic-${randomUUID()}`;
    await cluster.makeTopics([{ name, partitions: 1, replication: 1, configs: {} }]);
    const client = as('reader');
    expect(await client.send(new DescribeTopicCommand({ ClusterArn: clusterArn, TopicName: name }))).toMatchObject({ PartitionCount: 1 });
    await expect(client.send(new UpdateTopicCommand({ ClusterArn: clusterArn, TopicName: name, PartitionCount: 2 }))).rejects.toThrow(/reader does not allow kafka:UpdateTopic/);
    await expect(client.send(new GetBootstrapBrokersCommand({ ClusterArn: clusterArn }))).rejects.toThrow(/does not allow kafka:GetBootstrapBrokers/);
  });
});

describe('a custom resource', () => {
  const resource: CustomResource = { type: 'Custom::TopicPartitions', logicalId: 'More', stackName: 'bridge', functionArn: 'arn', properties: { TopicName: 'a', PartitionCount: '4' } };
  const answering = (answer: object) => async (_: string, event: unknown) => {
    await fetch((event as CloudFormationCustomResourceCreateEvent).ResponseURL, { method: 'PUT', body: JSON.stringify(answer) });
  };

  it('gets the attributes that its function answers', async () => {
    expect((await makeCustomResources([resource], answering({ Status: 'SUCCESS', Data: { Brokers: 'b' } }))).get(resource)).toEqual({ Brokers: 'b' });
  });

  it('fails the start with the reason, or when nothing was answered', async () => {
    await expect(makeCustomResources([resource], answering({ Status: 'FAILED', Reason: 'too many' }))).rejects.toThrow('Custom::TopicPartitions More of bridge: too many');
    await expect(makeCustomResources([resource], () => Promise.resolve())).rejects.toThrow(/without an answer/);
  });
});

describe('the roles', () => {
  const mapping = { id: 'id', functionName: 'consumer', clusterArn, topic: 'in', group: 'g', destination: 'failures' } as unknown as KafkaMapping;
  const kafka: KafkaCluster = { arn: clusterArn, topics: [], mappings: [mapping], customResources: [] };
  const consuming = [
    allow('kafka:GetBootstrapBrokers', '*'),
    allow(['kafka:DescribeClusterV2', 'kafka-cluster:Connect'], clusterArn),
    allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], inCluster('topic', '/in')),
    allow(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'], inCluster('group', '/g')),
    allow('s3:PutObject', 'arn:aws:s3:::failures/aws/lambda/*'),
    allow('s3:ListBucket', 'arn:aws:s3:::failures'),
  ];
  const publishing = [allow('kafka-cluster:WriteDataIdempotently', clusterArn), allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'], inCluster('topic', '/out'))];
  const check = (statements: readonly object[]) => {
    const all = [functionThatMay('consumer', statements, { BUS: 'kafka', TOPIC_OUT: 'out' })];
    const authority: Authority = authorityOf(modelOf(all));
    return checkKafkaRoles(kafka, all, authority);
  };

  it('must allow what MSK asks for, each single one of it', async () => {
    const all = [...consuming, ...publishing];
    await expect(check(all)).resolves.toBeUndefined();
    for (const left of all) await expect(check(all.filter((statement) => statement !== left))).rejects.toThrow(/The role of consumer does not allow/);
  });
});

import { Fn } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { eventNames, eventType } from '../lambdas/contracts/names.ts';
import type { Subscription } from '../lambdas/contracts/subscriptions.ts';
import type { Catalog } from './catalog.ts';
import { allow } from './constructs/service-function.ts';
import type { Names } from './names.ts';
import { services } from './services.ts';
import type { Settings } from './settings.ts';

/** How long records wait in a topic, for everybody. */
export const retentionDays = 14;
/** Of how many copies a record must have been written before it counts as published: what one broker alone has, goes with it. */
const minInSyncReplicas = 2;

/** How long what failed lies in a bucket: as long as in a dead-letter queue; with the 14 days in a topic, not as long as tombstones of erased accounts live. */
export const failedDays = 14;
/** How long what waited too long for an endpoint lies aside, at most: with the 14 days in a topic, as long as those tombstones. */
export const expiredDaysOnKafka = 16;

/** How many brokers keep a copy of each record. */
export const replicationOf = ({ kafkaBrokerCount }: Settings): number => Math.min(3, kafkaBrokerCount);

/** The configuration of each topic; what is not here is the cluster's. */
export const topicConfig = {
  'retention.ms': String(retentionDays * 86_400_000),
  'min.insync.replicas': String(minInSyncReplicas),
  // Kafka's own, said because an event may have 256 KiB on SNS as well.
  'max.message.bytes': '1048588',
  'cleanup.policy': 'delete',
} as const;

/** The configuration of the deployment's own brokers; what is not here is MSK's or Kafka's own. */
export const serverProperties = (settings: Settings): string =>
  Object.entries({
    // A topic is made by the stack that owns it; one that a slip of the pen names must fail.
    'auto.create.topics.enable': false,
    'default.replication.factor': replicationOf(settings),
    'min.insync.replicas': minInSyncReplicas,
    // MSK's own is true: a broker that lags may then become the leader, and what it lacks is lost.
    'unclean.leader.election.enable': false,
    'log.retention.hours': retentionDays * 24,
    // Kafka forgets the offsets of a group that nobody reads for after 7 days; a subscription may be paused for longer, and would begin anew.
    'offsets.retention.minutes': 30 * 24 * 60,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

/** The service whose stack has the topic of a type: of several that emit it, the first; types of the company are the publisher's. */
export const ownerOf = (type: string): string => services.find(({ emits }) => emits.some((event) => eventType(event) === type))?.name ?? 'publisher';

/** All types that have a topic: ours, and those of the company. */
export const typesOf = ({ eventTypes }: Pick<Catalog, 'eventTypes'>): string[] => [...eventNames.map((event) => eventType(event)), ...eventTypes.map(({ type }) => type)];

/** The partitions that a topic must have for the subscriptions: as many as the most parallel of them may have events at its endpoint. */
export const partitionsOf = (type: string, { kafkaPartitions }: Pick<Settings, 'kafkaPartitions'>, subscriptions: readonly Subscription[]): number =>
  Math.max(kafkaPartitions, ...subscriptions.filter(({ eventTypes }) => eventTypes.includes(type)).map(({ parallelism }) => parallelism));

/** Whether the deployment makes topics of Kafka: those of brokers without MSK are made by hand. */
export const ownsTopics = ({ bus, kafkaBrokers }: Settings): boolean => bus === 'kafka' && kafkaBrokers === undefined;

/** Whether the deployment makes the brokers themselves, with their disks. */
export const ownsCluster = (settings: Settings): boolean => ownsTopics(settings) && settings.kafkaCluster === undefined;

/** The types whose topics a deployment must give more partitions than they are made with, and how many. */
export function raisedTopics(settings: Settings, subscriptions: readonly Subscription[]): ReadonlyMap<string, number> {
  if (!ownsTopics(settings)) return new Map();
  const types = new Set(subscriptions.flatMap(({ eventTypes }) => eventTypes));
  const partitions = [...types].map((type) => [type, partitionsOf(type, settings, subscriptions)] as const);
  return new Map(partitions.filter(([, count]) => count > settings.kafkaPartitions));
}

/** The ARNs of MSK's cluster and what is in it, for policies. */
export interface ClusterArns {
  readonly cluster: string;
  topic(name: string): string;
  group(name: string): string;
}

/** `arn:aws:kafka:<region>:<account>:cluster/<name>/<id>`, and `…:topic/<name>/<id>/<topic>` of it. */
export function clusterArns(scope: Construct, names: Names): ClusterArns {
  const cluster = StringParameter.valueForStringParameter(scope, names.parameters.cluster);
  const halves = Fn.split(':cluster/', cluster);
  const inside = (kind: string, name: string) => `${Fn.select(0, halves)}:${kind}/${Fn.select(1, halves)}/${name}`;
  return { cluster, topic: (name) => inside('topic', name), group: (name) => inside('group', name) };
}

/** Asking whom to dial; IAM knows no resource for it. */
export const getBootstrapBrokers = (): PolicyStatement => allow(['kafka:GetBootstrapBrokers'], ['*']);

/** From where brokers are reached: private subnets and a security group. */
export function brokersNetwork(scope: Construct, names: Names): { readonly subnetIds: string[]; readonly securityGroupIds: string[] } {
  const parameter = (name: string) => StringParameter.valueForStringParameter(scope, name);
  return { subnetIds: Fn.split(',', parameter(names.parameters.subnets)), securityGroupIds: [parameter(names.parameters.securityGroup)] };
}

/** What AWS Lambda lets share the pollers of a deployment: mappings. */
const maxMappings = 100;

/** @throws when there are more mappings than can share their pollers */
export function refuseTooManyMappings({ subscriptions }: Catalog): void {
  const ours = services.reduce((sum, { consumer }) => sum + (consumer?.consumes.length ?? 0), 0);
  const mappings = ours + subscriptions.reduce((sum, { eventTypes }) => sum + eventTypes.length, 0);
  if (mappings <= maxMappings) return;
  throw new Error(`The services and subscriptions read ${mappings} topics, and on Kafka ${maxMappings} can share their pollers; put some subscriptions into a deployment of their own.`);
}

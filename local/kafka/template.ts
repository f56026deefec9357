import { mappingIdOf } from '../cloudformation.ts';
import type { KafkaCluster, KafkaMapping, KafkaTopic } from '../model.ts';
import type { Resolved } from '../template.ts';
import { readPattern } from './filter.ts';

/** Types of the templates on Kafka. Networks change nothing on one machine, and what configures the brokers is theirs. */
export const kafkaTypes = [
  'AWS::EC2::EIP',
  'AWS::EC2::InternetGateway',
  'AWS::EC2::NatGateway',
  'AWS::EC2::Route',
  'AWS::EC2::RouteTable',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::Subnet',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPC',
  'AWS::EC2::VPCEndpoint',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::MSK::Cluster',
  'AWS::MSK::Configuration',
  'AWS::MSK::Topic',
  'Custom::KafkaBrokers',
  'Custom::TopicPartitions',
];

/** In this order: whom to dial, then what is asked of the topics. */
const customTypes = ['Custom::KafkaBrokers', 'Custom::TopicPartitions'];

/** Properties of a mapping that the local run carries out, or that change nothing here. */
const mappingProperties = new Set([
  'AmazonManagedKafkaEventSourceConfig',
  'BatchSize',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'Enabled',
  'EventSourceArn',
  'FilterCriteria',
  'FunctionName',
  'FunctionResponseTypes',
  'LoggingConfig',
  'MaximumBatchingWindowInSeconds',
  'MaximumRetryAttempts',
  'MetricsConfig',
  'ProvisionedPollerConfig',
  'StartingPosition',
  'Tags',
  'Topics',
]);

/** The cluster of the templates with its topics and mappings, or nothing when the bus is another one. */
export function readKafka(of: (type: string) => Resolved[], arnTo: (resource: Resolved) => string): KafkaCluster | undefined {
  const [cluster, ...others] = of('AWS::MSK::Cluster');
  if (!cluster) return undefined;
  if (others.length > 0) throw new Error('The local run knows one cluster of Kafka only.');
  return {
    arn: arnTo(cluster),
    topics: of('AWS::MSK::Topic').map(({ properties }): KafkaTopic => ({
      name: properties['TopicName'],
      partitions: Number(properties['PartitionCount']),
      replication: Number(properties['ReplicationFactor']),
      configs: properties['Configs'] === undefined ? {} : JSON.parse(Buffer.from(properties['Configs'], 'base64').toString()),
    })),
    mappings: of('AWS::Lambda::EventSourceMapping').flatMap((resource) => (resource.properties['Topics'] === undefined ? [] : [mappingOf(resource)])),
    customResources: customTypes.flatMap(of).map(({ type, id, stack, properties }) => ({
      type,
      logicalId: id,
      stackName: stack.name,
      functionArn: properties['ServiceToken'],
      properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, String(value)])),
    })),
  };
}

function mappingOf({ id, stack, properties }: Resolved): KafkaMapping {
  const where = `(${id} of ${stack.name})`;
  const unknown = Object.keys(properties).filter((name) => !mappingProperties.has(name));
  if (unknown.length > 0) throw new Error(`The local run does not know ${unknown.join(' and ')} of a mapping ${where}.`);
  const [topic, ...others] = properties['Topics'] as string[];
  if (topic === undefined || others.length > 0) throw new Error(`A mapping reads one topic ${where}.`);
  if (properties['StartingPosition'] !== 'TRIM_HORIZON') throw new Error(`The local run only knows mappings that start at TRIM_HORIZON ${where}.`);
  const group = properties['AmazonManagedKafkaEventSourceConfig']?.ConsumerGroupId as string | undefined;
  if (group === undefined) throw new Error(`The local run only knows mappings that name their consumer group ${where}.`);
  const destination = properties['DestinationConfig']?.OnFailure?.Destination as string | undefined;
  if (destination?.startsWith('arn:aws:s3:::') === false) throw new Error(`The local run only knows buckets as destination ${where}.`);
  const bisects = properties['BisectBatchOnFunctionError'] ?? false;
  const reportsFailures = properties['FunctionResponseTypes']?.includes('ReportBatchItemFailures') ?? false;
  const maxRetries = properties['MaximumRetryAttempts'] ?? -1;
  // Without it AWS refuses them.
  if ((bisects || reportsFailures || maxRetries !== -1) && !properties['ProvisionedPollerConfig']) {
    throw new Error(`Bisecting, partial failures and a number of retries need ProvisionedPollerConfig ${where}.`);
  }
  return {
    id: mappingIdOf(group),
    functionName: properties['FunctionName'],
    clusterArn: properties['EventSourceArn'],
    topic,
    group,
    batchSize: properties['BatchSize'] ?? 100,
    windowSeconds: properties['MaximumBatchingWindowInSeconds'] ?? 0.5,
    reportsFailures,
    bisects,
    // With a destination, for ever becomes 10 times: https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure-destination.html
    maxRetries: destination !== undefined && maxRetries === -1 ? 10 : maxRetries,
    destination: destination?.slice('arn:aws:s3:::'.length),
    filters: ((properties['FilterCriteria']?.Filters ?? []) as { Pattern: string }[]).map(({ Pattern }) => readPattern(Pattern)),
    isEnabled: properties['Enabled'] ?? true,
  };
}

import { Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping, type Function } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { clusterArns, getBootstrapBrokers } from '../kafka.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import { readSecret, secretArn } from '../stacks/permissions.ts';
import { allow, networkInterfaces } from './service-function.ts';

interface TopicMappingProps {
  readonly names: Names;
  readonly settings: Settings;
  /** Whose consumer group it is: a service, or a subscription of the http-bridge. */
  readonly owner: string;
  /** The event type. */
  readonly type: string;
  /** Values of fields of the event's `data`; without it every event comes. */
  readonly filter: Readonly<Record<string, readonly string[]>> | undefined;
  readonly target: Function;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** How many pollers it may have; one makes up to 5 calls at a time. */
  readonly maxPollers: number;
  /** What becomes of a record that fails. */
  readonly onFailure: OnFailure;
}

/** Retries, -1 for ever; and the bucket that the record then goes to. */
export type OnFailure = { readonly retries: -1 } | { readonly retries: number; readonly bucketArn: string };

/** On Kafka: brings a service the records of one topic. A mapping reads one topic, and a consumer group belongs to one mapping. */
export class TopicMapping extends Construct {
  readonly #mapping: CfnEventSourceMapping;

  constructor(scope: Construct, id: string, props: TopicMappingProps) {
    super(scope, id);
    const { names, settings, owner, type, filter, target, batchSize, windowSeconds, maxPollers, onFailure } = props;
    const group = { consumerGroupId: names.group(owner, type) };
    this.#mapping = new CfnEventSourceMapping(this, 'Mapping', {
      functionName: target.functionName,
      ...(settings.kafkaBrokers
        ? {
            selfManagedEventSource: { endpoints: { kafkaBootstrapServers: settings.kafkaBrokers } },
            selfManagedKafkaEventSourceConfig: group,
            sourceAccessConfigurations: accessTo(Stack.of(this), settings),
          }
        : { eventSourceArn: clusterArns(this, names).cluster, amazonManagedKafkaEventSourceConfig: group }),
      topics: [names.topic(type)],
      // What was there before the service came is for it, too.
      startingPosition: 'TRIM_HORIZON',
      batchSize,
      // Left out, it is half a second.
      maximumBatchingWindowInSeconds: windowSeconds,
      // Without it one bad record sends its whole batch back.
      functionResponseTypes: ['ReportBatchItemFailures'],
      maximumRetryAttempts: onFailure.retries,
      ...('bucketArn' in onFailure && {
        bisectBatchOnFunctionError: true,
        // S3 gets the whole record; SQS and SNS would get its offset alone.
        destinationConfig: { onFailure: { destination: onFailure.bucketArn } },
      }),
      ...(filter && { filterCriteria: { filters: [{ pattern: JSON.stringify({ value: { data: filter } }) }] } }),
      // Retries, bisecting and partial failures exist in this mode alone. A unit of pollers is about $135 a month and holds ten of them; without the
      // group each mapping would pay for one of its own. Without a maximum each counts as 200 of the 2000 that can share.
      provisionedPollerConfig: { minimumPollers: 1, maximumPollers: maxPollers, pollerGroupName: names.resource('bus') },
      // Off by default; what the alarms look at.
      metricsConfig: { metrics: ['EventCount', 'KafkaMetrics'] },
    });
    this.#mapping.node.addDependency(target.role ?? target);
  }

  /** A metric of the mapping, by minute. */
  metric(metricName: string, statistic: string): Metric {
    return new Metric({ namespace: 'AWS/Lambda', metricName, statistic, period: Duration.minutes(1), dimensionsMap: { EventSourceMappingUUID: this.#mapping.ref } });
  }
}

/** How brokers without MSK are reached, and who it is that asks. */
function accessTo(scope: Stack, { kafkaSubnets = [], kafkaSecurityGroup, kafkaSecret }: Settings): CfnEventSourceMapping.SourceAccessConfigurationProperty[] {
  return [
    ...kafkaSubnets.map((uri) => ({ type: 'VPC_SUBNET', uri })),
    { type: 'VPC_SECURITY_GROUP', uri: kafkaSecurityGroup },
    ...(kafkaSecret === undefined ? [] : [{ type: 'SASL_SCRAM_512_AUTH', uri: secretArn(scope, kafkaSecret) }]),
  ];
}

/** What the role of a function must allow for its mappings, which read topics by it for an owner's consumer groups. */
export function readTopics(scope: Stack, names: Names, { kafkaBrokers, kafkaSecret }: Settings, owner: string, types: readonly string[]): PolicyStatement[] {
  const intoVpc = networkInterfaces(['ec2:DescribeVpcs', 'ec2:DescribeSecurityGroups']);
  if (kafkaBrokers) return [intoVpc, ...(kafkaSecret === undefined ? [] : [readSecret(scope, kafkaSecret)])];
  const { cluster, topic, group } = clusterArns(scope, names);
  return [
    intoVpc,
    getBootstrapBrokers(),
    allow(['kafka:DescribeClusterV2', 'kafka-cluster:Connect'], [cluster]),
    allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], types.map((type) => topic(names.topic(type)))),
    allow(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'], types.map((type) => group(names.group(owner, type)))),
  ];
}

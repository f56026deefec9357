import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { expiredPrefix, parkedPrefix, topicOf, variables } from '../../lambdas/contracts/names.ts';
import { partitionsOf } from '../kafka.ts';
import { metricOf } from '../metric.ts';
import type { BridgeAlarm, BridgeSource, BridgeSubscriptionProps } from './bridge-source.ts';
import { allow } from './service-function.ts';
import { readTopics, TopicMapping } from './topic-mapping.ts';

/** Calls that one poller makes at a time. */
const callsOfPoller = 5;

/** On Kafka: a subscription's mappings. While its endpoint does not work its offsets stand still, and nothing of it lies elsewhere. */
export class BridgeTopics implements BridgeSource {
  readonly statements: readonly PolicyStatement[];
  readonly environment: Readonly<Record<string, string>>;
  /** A partition delivers one event at a time, in its order. */
  readonly share = 1;
  readonly reservedConcurrency: number | undefined;
  readonly sendsToItself = false;
  readonly alarms: readonly BridgeAlarm[];
  readonly #scope: Construct;
  readonly #props: BridgeSubscriptionProps;

  constructor(scope: Construct, props: BridgeSubscriptionProps) {
    this.#scope = scope;
    this.#props = props;
    const { service, subscription, names, settings, subscriptions, bucket } = props;
    const { name, parallelism, eventTypes } = subscription;
    const partitions = eventTypes.reduce((sum, type) => sum + partitionsOf(type, settings, subscriptions), 0);
    // The mappings would call for each partition at once.
    this.reservedConcurrency = parallelism < partitions ? parallelism : undefined;
    this.environment = { [variables.onFailureBucket]: bucket.bucketName };
    this.statements = [
      ...readTopics(Stack.of(scope), names, settings, `${service}-${name}`, eventTypes),
      allow(['s3:PutObject'], [parkedPrefix(name), expiredPrefix(name)].map((prefix) => bucket.arnForObjects(`${prefix}*`))),
    ];
    this.alarms = [{ kind: 'rejected', metric: metricOf(names, service, 'Rejected', { statistic: 'Sum', by: name }) }];
  }

  feed(target: Function): void {
    const { service, subscription, bridge, names, settings, subscriptions } = this.#props;
    const { name, eventTypes, filter } = subscription;
    for (const type of eventTypes) {
      new TopicMapping(this.#scope, `Mapping-${topicOf(type)}`, {
        names,
        settings,
        owner: `${service}-${name}`,
        type,
        filter,
        target,
        batchSize: bridge.batchSize,
        windowSeconds: 0,
        maxPollers: Math.max(settings.kafkaPollers, Math.ceil(partitionsOf(type, settings, subscriptions) / callsOfPoller)),
        // What failed stays where it is, and what comes after it in its partition waits.
        onFailure: { retries: -1 },
      });
    }
  }
}

import { Duration } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { backlogPrefix, expiredPrefix, variables } from '../../lambdas/contracts/names.ts';
import { alarmAge, type BridgeAlarm, type BridgeSource, type BridgeSubscriptionProps, timeoutOf } from './bridge-source.ts';
import { everyMinute } from './every-minute.ts';
import { allow } from './service-function.ts';
import { ServiceQueue } from './service-queue.ts';

/** A mapping's own concurrency starts at 2, and that is what each subscription gets. */
const concurrency = 2;
/** Nothing of a subscription is ever dead-lettered for having been received too often: this is as far as SQS counts. */
const maxReceives = 1000;

/** On SNS: a subscription's queue, and the schedule that looks after what waits in S3. */
export class BridgeQueue implements BridgeSource {
  readonly statements: readonly PolicyStatement[];
  readonly environment: Readonly<Record<string, string>>;
  readonly share: number;
  readonly reservedConcurrency: number | undefined;
  /** What waited, and what was refused, goes back into the queue. */
  readonly sendsToItself = true;
  readonly alarms: readonly BridgeAlarm[];
  readonly #scope: Construct;
  readonly #name: string;
  readonly #queue: ServiceQueue;
  readonly #batchSize: number;

  constructor(scope: Construct, { service, subscription, bridge, names, bucket }: BridgeSubscriptionProps) {
    const { name, parallelism } = subscription;
    this.#scope = scope;
    this.#name = name;
    const queue = new ServiceQueue(scope, 'Queue', {
      name: names.resource(`${service}-${name}`),
      names,
      consumes: subscription.eventTypes.map((type) => ({ type, filter: subscription.filter })),
      timeoutSeconds: timeoutOf(subscription),
      batchingWindowSeconds: 0,
      maxReceives,
      // As long as SQS keeps anything: nothing here goes on to a dead-letter queue of its own age.
      retentionDays: 14,
    });
    this.#queue = queue;
    this.#batchSize = bridge.batchSize;
    this.share = Math.max(1, Math.floor(parallelism / concurrency));
    // One at a time cannot be had from the mapping.
    this.reservedConcurrency = parallelism < concurrency ? parallelism : undefined;
    this.environment = {
      ...queue.environment(),
      [variables.backlogBucket]: bucket.bucketName,
    };
    const list = allow(['s3:ListBucket'], [bucket.bucketArn]);
    list.addCondition('StringLike', { 's3:prefix': `${backlogPrefix(name)}*` });
    this.statements = [
      ...queue.statements(),
      allow(['sqs:SendMessage'], [queue.queue.queueArn]),
      allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [bucket.arnForObjects(`${backlogPrefix(name)}*`)]),
      allow(['s3:PutObject'], [bucket.arnForObjects(`${expiredPrefix(name)}*`)]),
      list,
    ];
    const newest = { period: Duration.minutes(1), statistic: 'Maximum' };
    this.alarms = [
      { kind: 'refused', metric: queue.deadLetterQueue.metricApproximateNumberOfMessagesVisible(newest) },
      {
        kind: 'undelivered',
        metric: queue.subscriptionDeadLetterQueue.metricApproximateNumberOfMessagesVisible(newest),
        errorImpact: 'SNS could not deliver events to the queue of this subscription; its endpoint does not get them.',
      },
      { kind: 'waiting', metric: queue.queue.metricApproximateAgeOfOldestMessage(newest), threshold: alarmAge(subscription) },
    ];
  }

  feed(target: Function): void {
    this.#queue.feed(target, { batchSize: this.#batchSize, concurrency });
    everyMinute(this.#scope, { function: target, description: `Looks after what waits for ${this.#name}`, input: { tick: true } });
  }
}

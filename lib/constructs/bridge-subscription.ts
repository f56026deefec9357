import { Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table as DynamoTable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, CfnEventSourceMapping, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { backlogPrefix, expiredPrefix, topicVariableOf, variables } from '../../lambdas/contracts/names.ts';
import type { Subscription } from '../../lambdas/contracts/subscriptions.ts';
import type { DeployedSubscription } from '../../lambdas/http-bridge/deployed-subscription.ts';
import { eventTypesFile } from '../bundles.ts';
import type { Names } from '../names.ts';
import type { Bridge } from '../services.ts';
import type { Settings } from '../settings.ts';
import { consumeFrom, publishTo, readSecret } from '../stacks/permissions.ts';
import { ServiceAlarm } from './service-alarm.ts';
import { allow, ServiceFunction } from './service-function.ts';
import { ServiceQueue } from './service-queue.ts';

interface BridgeSubscriptionProps {
  /** The service: `http-bridge`. */
  readonly service: string;
  readonly subscription: Subscription;
  readonly bridge: Bridge;
  readonly names: Names;
  readonly settings: Settings;
  /** Folder of the bundle. */
  readonly codePath: string;
  readonly breakers: { readonly name: string; readonly table: DynamoTable };
  readonly bucket: Bucket;
}

/** Events that a batch holds. */
const batchSize = 10;
/** A mapping's own concurrency starts at 2, and that is what each subscription gets. */
const concurrency = 2;
/** An invocation delivers for as long as one delivery more fits in; the rest of its time is for what follows. */
const timeoutOf = ({ timeoutSeconds }: Subscription): number => 3 * timeoutSeconds + 10;
/** Nothing of a subscription is ever dead-lettered for having been received too often: this is as far as SQS counts. */
const maxReceives = 1000;
/** The share of the hold time after which operators are told. */
const alarmShare = 0.7;

/**
 * One subscription: its queue, its function, its schedule and its alarms, under names of its own, so that one subscription's change is
 * no other's. Slow endpoints share nothing with their neighbours.
 */
export class BridgeSubscription extends Construct {
  readonly #props: BridgeSubscriptionProps;

  constructor(scope: Construct, id: string, props: BridgeSubscriptionProps) {
    super(scope, id);
    this.#props = props;
    const { service, subscription, names, bridge, settings, codePath, breakers, bucket } = props;
    const { name, parallelism, emits = [] } = subscription;
    const owner = `${service}-${name}`;
    const timeoutSeconds = timeoutOf(subscription);
    const queue = new ServiceQueue(this, 'Queue', {
      name: names.resource(owner),
      names,
      consumes: subscription.eventTypes.map((type) => ({ type, filter: subscription.filter })),
      timeoutSeconds,
      batchingWindowSeconds: 0,
      maxReceives,
      // As long as SQS keeps anything: nothing here goes on to a dead-letter queue of its own age.
      retentionDays: 14,
    });
    const deployed: DeployedSubscription = {
      ...subscription,
      emits,
      share: Math.max(1, Math.floor(parallelism / concurrency)),
      networks: settings.endpointNetworks,
    };
    const target = new ServiceFunction(this, 'bridge', {
      name: names.resource(owner),
      service,
      description: `${service} takes events to ${name}, which ${subscription.owner} owns`,
      codePath,
      memoryMiB: bridge.memoryMiB,
      timeoutSeconds,
      logRetentionDays: settings.logRetentionDays,
      // What waited, and what was refused, goes back into the queue.
      sendsToItself: true,
      // One at a time cannot be had from the mapping.
      ...(parallelism < concurrency && { reservedConcurrency: parallelism }),
      environment: {
        [variables.bus]: settings.bus,
        [variables.subscription]: JSON.stringify(deployed),
        [variables.queueUrl]: queue.queue.queueUrl,
        [variables.deadLetterQueueUrl]: queue.deadLetterQueue.queueUrl,
        [variables.backlogBucket]: bucket.bucketName,
        [variables.table(breakers.name)]: breakers.table.tableName,
        [variables.eventTypes]: eventTypesFile,
        ...Object.fromEntries(emits.map((type) => [topicVariableOf(type), StringParameter.valueForStringParameter(this, names.parameters.topic(type))])),
      },
      statements: this.#statements(queue),
    }).function;
    new CfnEventSourceMapping(this, 'Mapping', {
      functionName: target.functionName,
      eventSourceArn: queue.queue.queueArn,
      batchSize,
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: concurrency },
    }).node.addDependency(target.role ?? target);
    // A look that failed is not repeated: the next one comes in a minute. Lambda's own defaults are two retries, and six hours.
    new CfnEventInvokeConfig(this, 'TickRetries', {
      functionName: target.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: 60,
    });
    const rule = new CfnRule(this, 'Tick', {
      description: `Looks after what waits for ${name}`,
      scheduleExpression: 'rate(1 minute)',
      targets: [
        {
          id: 'function',
          arn: target.functionArn,
          input: JSON.stringify({ tick: true }),
          retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
        },
      ],
    });
    new CfnPermission(this, 'TickPermission', {
      action: 'lambda:InvokeFunction',
      principal: 'events.amazonaws.com',
      functionName: target.functionArn,
      sourceArn: rule.attrArn,
    });
    new StringParameter(this, 'Deployed', {
      parameterName: names.parameters.subscription(name),
      description: 'What is deployed, for npm run subscriptions:plan',
      stringValue: JSON.stringify(subscription),
    });
    this.#addAlarms(queue, target.metricErrors({ period: Duration.minutes(1), statistic: 'Sum' }));
  }

  #statements(queue: ServiceQueue): PolicyStatement[] {
    const { subscription, names, breakers, bucket } = this.#props;
    const { name, emits = [], secret } = subscription;
    const list = allow(['s3:ListBucket'], [bucket.bucketArn]);
    list.addCondition('StringLike', { 's3:prefix': `${backlogPrefix(name)}*` });
    return [
      ...consumeFrom(queue),
      allow(['sqs:SendMessage'], [queue.queue.queueArn]),
      ...publishTo(this, names, emits),
      allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [breakers.table.tableArn]),
      allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [bucket.arnForObjects(`${backlogPrefix(name)}*`)]),
      allow(['s3:PutObject'], [bucket.arnForObjects(`${expiredPrefix(name)}*`)]),
      list,
      ...(secret === undefined ? [] : [readSecret(Stack.of(this), secret)]),
    ];
  }

  #addAlarms(queue: ServiceQueue, errors: Metric): void {
    const { service, subscription, names, bridge } = this.#props;
    const { name, holdDays } = subscription;
    const metric = (metricName: string, statistic: string) =>
      new Metric({ namespace: 'Loginward', metricName, statistic, period: Duration.minutes(1), dimensionsMap: { service, subscription: name } });
    const newest = { period: Duration.minutes(1), statistic: 'Maximum' };
    const alarms: readonly [what: string, Metric, threshold: number, evaluationPeriods: number, impact: string][] = [
      ['errors', errors, 0, 3, bridge.errorImpact],
      ['dead-letters', queue.deadLetterQueue.metricApproximateNumberOfMessagesVisible(newest), 0, 1, 'The endpoint refused events for good, or replied what cannot be taken; they lie in the dead-letter queue with the reason.'],
      ['undelivered', queue.subscriptionDeadLetterQueue.metricApproximateNumberOfMessagesVisible(newest), 0, 1, 'SNS could not deliver events to the queue of this subscription.'],
      ['misconfigured', metric('Misconfigured', 'Sum'), 0, 3, 'The endpoint answers that it is not there, or redirects: its owner must correct it. Its events wait.'],
      ['broken', metric('Broken', 'Sum'), 0, 3, 'The endpoint answers what is no answer: its owner must correct it. Its events wait.'],
      ['waiting', queue.queue.metricApproximateAgeOfOldestMessage(newest), Math.round(alarmShare * holdDays * 86_400), 1, `Events have been in the queue for most of ${holdDays} days: the endpoint takes fewer than there come. SQS drops them after 14 days.`],
      ['held', metric('HeldSeconds', 'Maximum'), Math.round(alarmShare * holdDays * 86_400), 1, `Events have waited for most of ${holdDays} days; when they are over they are put aside, and only npm run dlq brings them back.`],
    ];
    for (const [what, of, threshold, evaluationPeriods, errorImpact] of alarms) {
      new ServiceAlarm(this, `Alarm-${what}`, { names, service: `${service}-${name}`, what, errorImpact, metric: of, threshold, evaluationPeriods });
    }
  }
}

import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping, type Function } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import { type CfnQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { topicOf, variables } from '../../lambdas/contracts/names.ts';
import type { Names } from '../names.ts';
import { allow } from './service-function.ts';

/** A function may take six times its time-out before its records show again, as AWS advises, so that retries within Lambda never overlap. */
const visibilityFactor = 6;

interface ServiceQueueProps {
  /** What the names of the queues begin with: `loginward-dev-notifier`. */
  readonly name: string;
  readonly names: Names;
  /** Event types, each with a filter policy over the event's `data`. */
  readonly consumes: readonly { readonly type: string; readonly filter?: Readonly<Record<string, readonly string[]>> | undefined }[];
  /** Of the function that takes the records. */
  readonly timeoutSeconds: number;
  readonly batchingWindowSeconds: number;
  readonly maxReceives: number;
  readonly retentionDays: number;
}

/** A service's own queue with its dead-letter queue, subscribed to what the service consumes. */
export class ServiceQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  /** Where SNS puts what it could not deliver to the queue. */
  readonly subscriptionDeadLetterQueue: Queue;

  constructor(scope: Construct, id: string, { name, names, consumes, timeoutSeconds, batchingWindowSeconds, maxReceives, retentionDays }: ServiceQueueProps) {
    super(scope, id);
    this.deadLetterQueue = this.#makeQueue('DeadLetterQueue', `${name}-dead-letters`, Duration.days(14));
    this.subscriptionDeadLetterQueue = this.#makeQueue('SubscriptionDeadLetterQueue', `${name}-undelivered`, Duration.days(14));
    this.queue = new Queue(this, 'Queue', {
      queueName: `${name}-queue`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(visibilityFactor * timeoutSeconds + batchingWindowSeconds),
      retentionPeriod: Duration.days(retentionDays),
      // Empty receives are billed; a long poll makes the fewest.
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: maxReceives },
    });
    this.#allowRedriveFrom(`${name}-queue`);
    this.#subscribe(consumes, names);
  }

  /** What the function that takes its records may do: take them, let failed ones come back sooner, and park bad ones. */
  statements(): PolicyStatement[] {
    return [
      allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'], [this.queue.queueArn]),
      allow(['sqs:SendMessage'], [this.deadLetterQueue.queueArn]),
    ];
  }

  /** Where that function finds it. */
  environment(): Record<string, string> {
    return { [variables.queueUrl]: this.queue.queueUrl, [variables.deadLetterQueueUrl]: this.deadLetterQueue.queueUrl };
  }

  /** Calls the function with its records. */
  feed(target: Function, { batchSize, windowSeconds, concurrency }: { batchSize: number; windowSeconds?: number; concurrency: number }): void {
    // Beside the queue, where it always was: AWS Lambda refuses a second one of the same queue and function.
    new CfnEventSourceMapping(this.node.scope ?? this, 'Mapping', {
      functionName: target.functionName,
      eventSourceArn: this.queue.queueArn,
      batchSize,
      maximumBatchingWindowInSeconds: windowSeconds,
      // Without it one bad record sends its whole batch back.
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: concurrency },
    }).node.addDependency(target.role ?? target);
  }

  #makeQueue(id: string, queueName: string, retentionPeriod: Duration): Queue {
    return new Queue(this, id, { queueName, encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod });
  }

  /** By default any queue of the account may use a queue as its dead-letter queue. */
  #allowRedriveFrom(queueName: string): void {
    const arn = Stack.of(this).formatArn({ service: 'sqs', resource: queueName });
    const queue = this.deadLetterQueue.node.defaultChild as CfnQueue;
    queue.redriveAllowPolicy = { redrivePermission: 'byQueue', sourceQueueArns: [arn] };
  }

  #subscribe(consumes: ServiceQueueProps['consumes'], names: Names): void {
    const topicArns = consumes.map(({ type }) => StringParameter.valueForStringParameter(this, names.parameters.topic(type)));
    for (const queue of [this.queue, this.subscriptionDeadLetterQueue]) {
      queue.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal('sns.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [queue.queueArn],
          conditions: { ArnEquals: { 'aws:SourceArn': topicArns } },
        }),
      );
    }
    consumes.forEach(({ type, filter }, index) => {
      const subscription = new CfnSubscription(this, `Subscription-${topicOf(type)}`, {
        topicArn: topicArns[index] ?? '',
        protocol: 'sqs',
        endpoint: this.queue.queueArn,
        // The record's body is then the event itself, not an SNS envelope around it.
        rawMessageDelivery: true,
        // Without one SNS drops what it cannot deliver.
        redrivePolicy: { deadLetterTargetArn: this.subscriptionDeadLetterQueue.queueArn },
        ...(filter && { filterPolicyScope: 'MessageBody', filterPolicy: { data: filter } }),
      });
      // SNS checks that it may send when the subscription is made.
      subscription.node.addDependency(this.queue, this.subscriptionDeadLetterQueue);
    });
  }
}

import { Stack } from 'aws-cdk-lib';
import type { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { eventType, givenUpFolder, maxRetries, parkedFolder, topicName, variables } from '../../lambdas/contracts/names.ts';
import { failedDays } from '../kafka.ts';
import { expression, idOf, sumOf } from '../math.ts';
import { metricOf } from '../metric.ts';
import type { Names } from '../names.ts';
import type { Consumer } from '../services.ts';
import type { Settings } from '../settings.ts';
import { ServiceBucket } from './service-bucket.ts';
import { allow } from './service-function.ts';
import { readTopics, TopicMapping } from './topic-mapping.ts';

interface KafkaInboxProps {
  readonly service: string;
  readonly consumer: Consumer;
  readonly names: Names;
  readonly settings: Settings;
}

/** On Kafka: where a service's records come from, and the bucket where those lie that could not be handled. */
export class KafkaInbox extends Construct {
  readonly #props: KafkaInboxProps;
  readonly #bucket: Bucket;
  readonly #mappings: { readonly topic: string; readonly mapping: TopicMapping }[] = [];

  constructor(scope: Construct, id: string, props: KafkaInboxProps) {
    super(scope, id);
    this.#props = props;
    this.#bucket = new ServiceBucket(this, 'OnFailure', { keptDays: { [parkedFolder]: failedDays, [givenUpFolder]: failedDays } }).bucket;
    new StringParameter(this, 'OnFailureName', { parameterName: props.names.parameters.onFailure(props.service), stringValue: this.#bucket.bucketName });
  }

  /** What the function that takes the records may do: park, and by its role the mappings read topics and put what failed aside. */
  statements(): PolicyStatement[] {
    const { service, consumer, names, settings } = this.#props;
    const types = consumer.consumes.map(({ event }) => eventType(event));
    return [
      ...readTopics(Stack.of(this), names, settings, service, types),
      allow(['s3:PutObject'], [this.#bucket.arnForObjects(`${parkedFolder}*`), this.#bucket.arnForObjects(`${givenUpFolder}*`)]),
      // AWS Lambda looks whether it is there.
      allow(['s3:ListBucket'], [this.#bucket.bucketArn]),
    ];
  }

  /**
   * A mapping of Kafka calls for each partition at once, and knows no limit of its own: where that is more than the service may do at a time, Lambda
   * must know.
   */
  reservedConcurrency(): number | undefined {
    const { consumer, settings } = this.#props;
    return consumer.maxConcurrency < settings.kafkaPartitions ? consumer.maxConcurrency : undefined;
  }

  /** Where that function parks. */
  environment(): Record<string, string> {
    return { [variables.onFailureBucket]: this.#bucket.bucketName };
  }

  /** Calls the function with its records, a mapping for each type. */
  feed(target: Function): void {
    const { service, consumer, names, settings } = this.#props;
    for (const { event, filter } of consumer.consumes) {
      const mapping = new TopicMapping(this, `Mapping-${topicName(event)}`, {
        names,
        settings,
        owner: service,
        type: eventType(event),
        filter,
        target,
        batchSize: consumer.batchSize,
        windowSeconds: consumer.batchingWindowSeconds,
        maxPollers: settings.kafkaPollers,
        onFailure: { retries: maxRetries, bucketArn: this.#bucket.bucketArn },
      });
      this.#mappings.push({ topic: topicName(event), mapping });
    }
  }

  /** Records that were put into the bucket, by the function or by a mapping. */
  failed(): MathExpression {
    const parked = metricOf(this.#props.names, this.#props.service, 'Parked', { statistic: 'Sum' });
    return sumOf('failed', [parked, ...this.#mappings.map(({ mapping }) => mapping.metric('OnFailureDestinationDeliveredEventCount', 'Sum'))]);
  }

  /** For each topic, in how many minutes its records are done at the pace of this minute. */
  minutesBehind(): { readonly topic: string; readonly metric: MathExpression }[] {
    return this.#mappings.map(({ topic, mapping }) => {
      const [lag, done] = [`lag_${idOf(topic)}`, `done_${idOf(topic)}`];
      const usingMetrics = { [lag]: mapping.metric('SumOffsetLag', 'Maximum'), [done]: mapping.metric('CommittedEventCount', 'Sum') };
      // What does not move at all is as far behind as can be.
      return { topic, metric: expression(`IF(FILL(${done}, 0) > 0, ${lag} / ${done}, IF(${lag} > 0, ${standing}, 0))`, usingMetrics, { label: `Minutes behind in ${topic}` }) };
    });
  }
}

/** Minutes behind of what does not move. */
const standing = 1440;

import { CustomResource, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { topicOf } from '../../lambdas/contracts/names.ts';
import { clusterArns } from '../kafka.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import { allow, ServiceFunction } from './service-function.ts';

interface TopicPartitionsProps {
  /** The service: `http-bridge`. */
  readonly service: string;
  readonly names: Names;
  readonly settings: Settings;
  /** Folder of the bundle. */
  readonly codePath: string;
  /** The partitions that topics must have at least, by event type. */
  readonly partitions: ReadonlyMap<string, number>;
}

/** MSK shows a changed topic after about a minute. */
const timeoutSeconds = 300;

/**
 * On MSK: raises the partitions of topics that a subscription wants more of than their owner gave them. The topic is its owner's; here it is only told how many
 * partitions it must have, and never loses one.
 */
export class TopicPartitions extends Construct {
  constructor(scope: Construct, id: string, { service, names, settings, codePath, partitions }: TopicPartitionsProps) {
    super(scope, id);
    const { cluster, topic } = clusterArns(this, names);
    const topics = [...partitions.keys()].map((type) => topic(names.topic(type)));
    const target = new ServiceFunction(this, 'partitions', {
      name: names.resource(`${service}-partitions`),
      names,
      service,
      description: `${service} raises the partitions of topics`,
      codePath,
      memoryMiB: 256,
      timeoutSeconds,
      settings,
      environment: {},
      // MSK changes the topic by the rights of who asks.
      statements: [
        allow(['kafka-cluster:Connect'], [cluster]),
        allow(
          [
            'kafka:DescribeTopic',
            'kafka:UpdateTopic',
            'kafka-cluster:DescribeTopic',
            'kafka-cluster:DescribeTopicDynamicConfiguration',
            'kafka-cluster:AlterTopic',
            'kafka-cluster:AlterTopicDynamicConfiguration',
          ],
          topics,
        ),
      ],
    }).function;
    for (const [type, count] of partitions) {
      const resource = new CustomResource(this, topicOf(type), {
        resourceType: 'Custom::TopicPartitions',
        serviceToken: target.functionArn,
        // Left out, a deployment waits an hour for a function that does not answer.
        serviceTimeout: Duration.seconds(timeoutSeconds + 60),
        properties: { ClusterArn: cluster, TopicName: names.topic(type), PartitionCount: count },
      });
      resource.node.addDependency(target.role ?? target);
    }
  }
}

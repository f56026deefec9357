import { DescribeTopicCommand, GetBootstrapBrokersCommand, type KafkaClient, UpdateTopicCommand } from '@aws-sdk/client-kafka';

/** What the deployment asks of an MSK cluster. */
export interface Cluster {
  /** `host:port` of the brokers that ask for IAM, separated by commas, in an order that does not change. @throws when the cluster has none */
  brokers(): Promise<string>;
  /** Raises a topic's partitions to a number, and waits until it has them. More are left as they are: they are never lowered. */
  raisePartitions(topic: string, count: number): Promise<void>;
}

interface Parts {
  readonly kafka: Pick<KafkaClient, 'send'>;
  readonly clusterArn: string;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/** MSK shows a change of a topic after about a minute; four end before the function's time does. */
const looks = 48;
const millisecondsBetween = 5000;

/** A cluster over MSK's API. */
export function mskCluster({ kafka, clusterArn, sleep }: Parts): Cluster {
  const partitionsOf = async (topic: string): Promise<number> => {
    const { PartitionCount } = await kafka.send(new DescribeTopicCommand({ ClusterArn: clusterArn, TopicName: topic }));
    return PartitionCount ?? 0;
  };
  return {
    brokers: async () => {
      const { BootstrapBrokerStringSaslIam: text } = await kafka.send(new GetBootstrapBrokersCommand({ ClusterArn: clusterArn }));
      if (!text) throw new Error(`${clusterArn} has no brokers that ask for IAM: turn on its IAM authentication.`);
      return text.split(',').toSorted().join(',');
    },
    raisePartitions: async (topic, count) => {
      if ((await partitionsOf(topic)) >= count) return;
      await kafka.send(new UpdateTopicCommand({ ClusterArn: clusterArn, TopicName: topic, PartitionCount: count }));
      for (let look = 0; look < looks; look += 1) {
        if ((await partitionsOf(topic)) >= count) return;
        await sleep(millisecondsBetween);
      }
      throw new Error(`${topic} did not get its ${count} partitions in time; deploy again.`);
    },
  };
}

import type { KafkaClient } from '@aws-sdk/client-kafka';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { mskCluster } from '../../lambdas/bus/cluster.ts';
import { answerTo } from '../../lambdas/bus/resources.ts';

const clusterArn = 'arn:aws:kafka:us-east-1:000000000000:cluster/loginward/1';

/** An MSK whose topics change some looks after they were told to. */
function msk(partitions: number, { looks = 2, brokers = 'b-2.example.com:9098,b-1.example.com:9098' }: { looks?: number; brokers?: string } = {}) {
  const calls: string[] = [];
  let shown = partitions;
  let wanted = partitions;
  let left = looks;
  const send = (({ constructor: { name }, input }: { constructor: { name: string }; input: { PartitionCount?: number } }) => {
    calls.push(name.replace('Command', ''));
    if (name === 'UpdateTopicCommand') wanted = input.PartitionCount ?? 0;
    if (name === 'DescribeTopicCommand' && wanted !== shown && (left -= 1) < 0) shown = wanted;
    return Promise.resolve({ PartitionCount: shown, BootstrapBrokerStringSaslIam: brokers });
  }) as unknown as KafkaClient['send'];
  return { calls, cluster: (arn: string) => mskCluster({ kafka: { send }, clusterArn: arn, sleep: () => Promise.resolve() }) };
}

const event = (ResourceType: string, properties: Record<string, string> = {}, RequestType = 'Create') =>
  ({
    RequestType,
    ResourceType,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'resource',
    ...(RequestType !== 'Create' && { PhysicalResourceId: 'resource' }),
    ResourceProperties: { ServiceToken: 'arn', ClusterArn: clusterArn, ...properties },
  }) as unknown as CloudFormationCustomResourceEvent;

describe('the custom resources on MSK', () => {
  it('give the brokers that ask for IAM, always in the same order', async () => {
    const { cluster } = msk(6);
    expect(await answerTo(event('Custom::KafkaBrokers'), cluster)).toEqual({
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'resource',
      PhysicalResourceId: 'resource',
      Status: 'SUCCESS',
      Data: { Brokers: 'b-1.example.com:9098,b-2.example.com:9098' },
    });
  });

  it('say what to do about a cluster without IAM', async () => {
    expect(await answerTo(event('Custom::KafkaBrokers'), msk(6, { brokers: '' }).cluster)).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('IAM authentication') });
  });

  it('raise a topic’s partitions, and answer when it has them', async () => {
    const { cluster, calls } = msk(6);
    expect(await answerTo(event('Custom::TopicPartitions', { TopicName: 'a', PartitionCount: '20' }), cluster)).toMatchObject({ Status: 'SUCCESS' });
    expect(calls).toEqual(['DescribeTopic', 'UpdateTopic', 'DescribeTopic', 'DescribeTopic', 'DescribeTopic']);
  });

  it('never lower them, and leave them when they are deleted', async () => {
    const { cluster, calls } = msk(30);
    expect(await answerTo(event('Custom::TopicPartitions', { TopicName: 'a', PartitionCount: '20' }, 'Update'), cluster)).toMatchObject({ Status: 'SUCCESS' });
    expect(await answerTo(event('Custom::TopicPartitions', { TopicName: 'a', PartitionCount: '20' }, 'Delete'), cluster)).toMatchObject({ Status: 'SUCCESS' });
    expect(calls).toEqual(['DescribeTopic']);
  });

  it('fail with the reason when MSK does not follow', async () => {
    const { cluster } = msk(6, { looks: Number.POSITIVE_INFINITY });
    expect(await answerTo(event('Custom::TopicPartitions', { TopicName: 'a', PartitionCount: '20' }), cluster)).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('deploy again') });
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaClient } from '@aws-sdk/client-kafka';
import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { clientDefaults } from '../runtime/environment.ts';
import { type Cluster, mskCluster } from './cluster.ts';

/**
 * The custom resources of the deployment on MSK, for CloudFormation: `Custom::KafkaBrokers` {ClusterArn} gives the attribute `Brokers`;
 * `Custom::TopicPartitions` {ClusterArn, TopicName, PartitionCount} raises a topic's partitions. Deleting either changes nothing.
 */
export const handler = async (event: CloudFormationCustomResourceEvent): Promise<void> => {
  const kafka = new KafkaClient(clientDefaults);
  const answer = await answerTo(event, (clusterArn) => mskCluster({ kafka, clusterArn, sleep: (milliseconds) => sleep(milliseconds) }));
  const { ok, status } = await fetch(event.ResponseURL, { method: 'PUT', headers: noContentType, body: JSON.stringify(answer) });
  if (!ok) throw new Error(`CloudFormation did not take the answer: ${status}`);
};

/** The URL is signed for a request without one, and fetch gives a text its own. */
const noContentType = { 'content-type': '' };

/** What CloudFormation is answered. */
export async function answerTo(event: CloudFormationCustomResourceEvent, clusterOf: (arn: string) => Cluster): Promise<CloudFormationCustomResourceResponse> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const PhysicalResourceId = 'PhysicalResourceId' in event ? event.PhysicalResourceId : LogicalResourceId;
  const common = { StackId, RequestId, LogicalResourceId, PhysicalResourceId };
  try {
    const Data = event.RequestType === 'Delete' ? {} : await carryOut(event, clusterOf);
    return { ...common, Status: 'SUCCESS', Data };
  } catch (error) {
    return { ...common, Status: 'FAILED', Reason: error instanceof Error ? `${error.name}: ${error.message}` : 'Error' };
  }
}

async function carryOut({ ResourceType, ResourceProperties }: CloudFormationCustomResourceEvent, clusterOf: (arn: string) => Cluster): Promise<Record<string, string>> {
  // CloudFormation hands over every value as text.
  const { ClusterArn, TopicName, PartitionCount } = ResourceProperties as Readonly<Record<string, string>>;
  const cluster = clusterOf(ClusterArn ?? '');
  if (ResourceType === 'Custom::KafkaBrokers') return { Brokers: await cluster.brokers() };
  if (ResourceType !== 'Custom::TopicPartitions') throw new Error(`${ResourceType} is not known.`);
  await cluster.raisePartitions(TopicName ?? '', Number(PartitionCount));
  return {};
}

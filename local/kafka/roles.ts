import { variables } from '../../lambdas/contracts/names.ts';
import { type Ask, type Authority, roleOf } from '../aws/authority.ts';
import type { Function, KafkaCluster, KafkaMapping } from '../model.ts';
import { groupArn, topicArn } from './arns.ts';

/**
 * What a mapping does by the role of its function: https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html and
 * https://docs.aws.amazon.com/msk/latest/developerguide/iam-access-control-use-cases.html (consume data).
 */
const asksOfMapping = ({ clusterArn, topic, group, destination, id }: KafkaMapping): Ask[] => [
  { action: 'kafka:DescribeClusterV2', resource: clusterArn },
  // IAM knows no resource for it.
  { action: 'kafka:GetBootstrapBrokers', resource: '*' },
  { action: 'kafka-cluster:Connect', resource: clusterArn },
  ...['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'].map((action) => ({ action, resource: topicArn(clusterArn, topic) })),
  ...['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'].map((action) => ({ action, resource: groupArn(clusterArn, group) })),
  ...(destination === undefined
    ? []
    : [
        { action: 's3:PutObject', resource: `arn:aws:s3:::${destination}/aws/lambda/${id}/any` },
        { action: 's3:ListBucket', resource: `arn:aws:s3:::${destination}` },
      ]),
];

/** What a function does that publishes: produce data idempotently. */
function asksOfPublisher({ environment }: Function, clusterArn: string): Ask[] {
  const topics = Object.entries(environment).flatMap(([name, value]) => (name.startsWith('TOPIC_') ? [value] : []));
  if (environment[variables.bus] !== 'kafka' || topics.length === 0) return [];
  return [
    ...['kafka-cluster:Connect', 'kafka-cluster:WriteDataIdempotently'].map((action) => ({ action, resource: clusterArn })),
    ...topics.flatMap((topic) => ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'].map((action) => ({ action, resource: topicArn(clusterArn, topic) }))),
  ];
}

/**
 * Brokers of this machine ask nobody for IAM, so it is asked here, before anything runs.
 *
 * @throws with what a role does not allow that MSK would ask for
 */
export async function checkKafkaRoles({ arn, mappings }: KafkaCluster, functions: readonly Function[], authority: Authority): Promise<void> {
  const check = async (target: Function, asks: readonly Ask[]): Promise<void> => {
    for (const ask of asks) {
      if (!(await authority.allows(roleOf(target), ask))) throw new Error(`The role of ${target.name} does not allow ${ask.action} on ${ask.resource}.`);
    }
  };
  for (const mapping of mappings) {
    const target = functions.find(({ name }) => name === mapping.functionName);
    if (!target) throw new Error(`A mapping feeds ${mapping.functionName}, which no template has.`);
    await check(target, asksOfMapping(mapping));
  }
  for (const target of functions) await check(target, asksOfPublisher(target, arn));
}

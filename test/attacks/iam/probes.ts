import { services } from '../../../lib/services.ts';
import type { Ask } from '../../../local/aws/authority.ts';
import { telephone } from '../../../local/aws/calls.ts';
import { accountNumber, arnOf, region } from '../../../local/cloudformation.ts';
import { groupArn } from '../../../local/kafka/arns.ts';
import type { Deployment } from './deployment.ts';
import { names, subscriptions } from './deployment.ts';

/** Something that could be asked of AWS, in words that tell it apart. */
export interface Probe extends Ask {
  /** `dynamodb:GetItem breakers of audit` */
  readonly line: string;
}

const asks = (actions: readonly string[], places: readonly Omit<Probe, 'action' | 'line'>[], nameOf: (place: Omit<Probe, 'action' | 'line'>) => string): Probe[] =>
  places.flatMap((place) => actions.map((action) => ({ ...place, action, line: `${action} ${nameOf(place)}` })));
const plain = (actions: readonly string[], resources: readonly string[]): Probe[] => asks(actions, resources.map((resource) => ({ resource })), ({ resource }) => lastOf(resource));
const lastOf = (arn: string): string => arn.split(':').slice(5).join(':');

/**
 * Everything of a deployment that a function could reach, with what can be done to it: what functions do, and what would hurt most. No policy has a
 * wildcard in an action, so what is not asked here no policy can mean.
 */
export function probesOf(deployment: Deployment): Probe[] {
  const { model } = deployment;
  return [...tables(deployment), ...queuesAndTopics(deployment), ...keysAndSecrets(deployment), ...objects(deployment), ...callable(deployment), ...kafka(deployment), ...byLambda(model.functions.map(({ name }) => name))];
}

const ownKeys = subscriptions.map(({ name }) => name);

function tables({ model }: Deployment): Probe[] {
  const actions = ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLSelect', 'DeleteTable', 'UpdateTable', 'ExportTableToPointInTime'].map((action) => `dynamodb:${action}`);
  return model.tables.flatMap(({ name, arn }) => {
    const keys = name === names('breakers') ? ownKeys : ['any'];
    const places = keys.map((key) => ({ resource: arn, context: { 'dynamodb:LeadingKeys': [key] } }));
    return asks(actions, places, ({ context }) => `${name.slice(names('').length)}${keys.length > 1 ? ` of ${String(context?.['dynamodb:LeadingKeys'])}` : ''}`);
  });
}

function queuesAndTopics({ model }: Deployment): Probe[] {
  const ofQueue = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes', 'ChangeMessageVisibility', 'SendMessage', 'PurgeQueue', 'SetQueueAttributes', 'StartMessageMoveTask'].map((action) => `sqs:${action}`);
  return [
    ...plain(ofQueue, model.queues.map(({ arn }) => arn)),
    ...plain(['sns:Publish', 'sns:Subscribe', 'sns:SetTopicAttributes'], model.topics.map(({ arn }) => arn)),
    ...asks(['sns:Publish'], [{ resource: telephone }], () => 'to a telephone number'),
  ];
}

function keysAndSecrets({ model }: Deployment): Probe[] {
  const ways = [`sns.${region}.amazonaws.com`, `sqs.${region}.amazonaws.com`, undefined];
  const uses = model.keys.flatMap(({ arn }) => ways.map((way) => ({ resource: arn, ...(way !== undefined && { context: { 'kms:ViaService': way } }) })));
  const secrets = [...model.secrets, ...subscriptions.map(({ secret }) => secret), 'of-somebody-else'];
  return [
    ...asks(['kms:GenerateDataKey', 'kms:Decrypt', 'kms:Encrypt', 'kms:ScheduleKeyDeletion', 'kms:CreateGrant'], uses, ({ context }) => `by ${String(context?.['kms:ViaService'] ?? 'itself')}`),
    ...plain(['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'], secrets.map((name) => arnOf('secretsmanager', `secret:${name}-AbCdEf`))),
    // Another secret whose name begins like one of ours.
    ...plain(['secretsmanager:GetSecretValue'], secrets.map((name) => arnOf('secretsmanager', `secret:${name}-of-others-AbCdEf`))),
  ];
}

function objects({ model }: Deployment): Probe[] {
  const folders = ['backlog', 'expired', 'parked'].flatMap((folder) => [`${folder}/`, ...ownKeys.map((name) => `${folder}/${name}/`), `${folder}/game-server-of-others/`]);
  return model.buckets.flatMap(({ arn }, index) => {
    const bucket = `bucket ${index}`;
    const keys = [...folders, 'aws/lambda/', 'elsewhere/'];
    return [
      ...asks(['GetObject', 'PutObject', 'DeleteObject', 'PutObjectAcl'].map((each) => `s3:${each}`), keys.map((key) => ({ resource: `${arn}/${key}1` })), ({ resource }) => `${bucket} ${resource.slice(arn.length + 1, -1)}`),
      ...asks(['s3:ListBucket'], ['', ...folders].map((prefix) => ({ resource: arn, context: { 's3:prefix': prefix } })), ({ context }) => `${bucket} ${String(context?.['s3:prefix'])}`),
      ...asks(['s3:DeleteBucket', 's3:PutBucketPolicy'], [{ resource: arn }], () => bucket),
    ];
  });
}

/** A route's key as a caller's request has it: with an account. */
export const concrete = (key: string, account = 'player-1'): string => key.replace(' ', '').replace('{accountId}', account).replaceAll(/\{[^}]+\}/g, 'some-id');

function callable({ model }: Deployment): Probe[] {
  const paths = new Set([...model.api.routes.map(({ key }) => concrete(key)), ...services.flatMap(({ schedule }) => schedule?.calls.map((call) => concrete(call)) ?? [])]);
  const senders = [['no-reply@example.com', 'no-reply@example.com'], ['example.com', 'no-reply@example.com'], ['example.com', 'support@example.com'], ['no-reply@example.com', 'support@example.com']] as const;
  return [
    ...asks(['execute-api:Invoke'], [...paths].map((path) => ({ resource: `${model.api.arn}/$default/${path}` })), ({ resource }) => resource.split('/$default/')[1] ?? ''),
    ...asks(['ses:SendEmail'], senders.map(([identity, from]) => ({ resource: arnOf('ses', `identity/${identity}`), context: { 'ses:FromAddress': from } })), ({ resource, context }) => `${lastOf(resource)} from ${String(context?.['ses:FromAddress'])}`),
    ...plain(['lambda:InvokeFunction', 'lambda:UpdateFunctionCode'], model.functions.map(({ arn }) => arn)),
    ...plain(['ssm:GetParameter', 'ssm:PutParameter'], [...model.parameters.keys()].map((name) => arnOf('ssm', `parameter${name}`))),
    ...plain(['iam:PassRole', 'iam:PutRolePolicy', 'sts:AssumeRole'], model.functions.map(({ roleArn }) => roleArn)),
  ];
}

function kafka({ model }: Deployment): Probe[] {
  if (!model.kafka) return [];
  const { arn, topics, mappings } = model.kafka;
  const topicArns = topics.map(({ name }) => arn.replace(':cluster/', ':topic/').concat(`/${name}`));
  const ofTopic = ['DescribeTopic', 'ReadData', 'WriteData', 'CreateTopic', 'DeleteTopic', 'AlterTopic', 'DescribeTopicDynamicConfiguration', 'AlterTopicDynamicConfiguration'].map((action) => `kafka-cluster:${action}`);
  return [
    ...asks(['kafka-cluster:Connect', 'kafka-cluster:WriteDataIdempotently', 'kafka-cluster:AlterCluster', 'kafka:DescribeClusterV2', 'kafka:DeleteCluster'], [{ resource: arn }], () => 'cluster'),
    ...asks(['kafka:GetBootstrapBrokers'], [{ resource: '*' }], () => '*'),
    ...plain([...ofTopic, 'kafka:DescribeTopic', 'kafka:UpdateTopic', 'kafka:DeleteTopic'], topicArns).map((probe) => ({ ...probe, line: `${probe.action} ${probe.resource.split('/').at(-1)}` })),
    ...plain(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup', 'kafka-cluster:DeleteGroup'], mappings.map(({ group }) => groupArn(arn, group))).map((probe) => ({ ...probe, line: `${probe.action} ${probe.resource.split('/').at(-1)}` })),
  ];
}

/** What AWS Lambda does by a function's role: logs, traces, and on Kafka reaching into the VPC; the last not when the function itself asks. */
function byLambda(functions: readonly string[]): Probe[] {
  const streams = functions.map((name) => ({ resource: `${arnOf('logs', `log-group:/aws/lambda/${name}`)}:log-stream:one` }));
  const interfaces = ['CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DeleteNetworkInterface', 'DescribeSubnets', 'DescribeVpcs', 'DescribeSecurityGroups', 'AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses', 'RunInstances'].map((action) => `ec2:${action}`);
  const itself = { 'lambda:SourceFunctionArn': `arn:aws:lambda:${region}:${accountNumber}:function:any` };
  return [
    ...asks(['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents', 'logs:DeleteLogStream'], streams, ({ resource }) => resource.split(':')[6] ?? ''),
    ...asks(['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetTraceSummaries'], [{ resource: '*' }], () => '*'),
    ...interfaces.flatMap((action) => asks([action], [{ resource: '*' }], () => 'by AWS Lambda')),
    ...asks(interfaces, [{ resource: '*', context: itself }], () => 'by itself'),
  ];
}

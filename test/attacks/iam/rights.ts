import { eventType, topicOf } from '../../../lambdas/contracts/names.ts';
import { type Api, type Consumer, type Schedule, services } from '../../../lib/services.ts';
import { matchEnded } from '../../support/catalog.ts';
import { concrete } from './probes.ts';
import { type Bus, names, subscriptions } from './deployment.ts';

/**
 * What a function may do, by the words of the probes, as the table of services and the subscriptions say: its own tables, queue, topics, secrets and objects, and what AWS
 * Lambda does by its role.
 *
 * @param bucketOf the number of a service's bucket
 */
export function rightsOf(functionName: string, bus: Bus, bucketOf: (service: string) => number): string[] {
  const name = functionName.slice(names('').length);
  const always = [...byLambda(functionName), ...(bus === 'kafka' && inVpc(name) ? interfaces(publishingInterfaces) : [])];
  if (name === 'bus-brokers') return [...always, 'kafka:GetBootstrapBrokers *'];
  if (name === 'http-bridge-partitions') return [...always, ...partitions()];
  const subscription = subscriptions.find((each) => name === `http-bridge-${each.name}`);
  if (subscription) return [...always, ...rightsOfBridge(subscription, bus, bucketOf('http-bridge'))];
  const service = services.find((each) => ['consumer', 'api', 'schedule'].some((part) => name === `${each.name}-${part}`));
  if (!service) throw new Error(`Nobody owns ${functionName}.`);
  const part = name.slice(service.name.length + 1) as 'consumer' | 'api' | 'schedule';
  const row = service[part] as Consumer | Api | Schedule;
  const isForeign = Object.keys(row.access).some((table) => !service.tables.some((own) => own.name === table)) || row.publishes.some((event) => !service.emits.includes(event));
  if (isForeign) throw new Error(`${functionName} reaches what is not ${service.name}'s.`);
  const types = [...row.publishes.map((event) => eventType(event)), ...(row.needs.includes('event-types') ? [matchEnded.type] : [])];
  return [
    ...always,
    ...Object.entries(row.access).flatMap(([table, actions]) => actions.map((action) => `dynamodb:${action} ${table}`)),
    ...publishes(types, bus),
    ...(part === 'consumer' ? consumes(service.name, row as Consumer, bus, bucketOf) : []),
    ...('calls' in row ? row.calls.map((call) => `execute-api:Invoke ${concrete(call)}`) : []),
    ...(row.needs.includes('link-secret') ? [readSecret(names('links'))] : []),
    ...(row.needs.includes('email') ? ['no-reply@example.com', 'example.com'].map((identity) => `ses:SendEmail identity/${identity} from no-reply@example.com`) : []),
    ...(row.needs.includes('sms') ? ['sns:Publish to a telephone number'] : []),
  ];
}

const byLambda = (functionName: string): string[] => [
  ...['CreateLogStream', 'PutLogEvents'].map((action) => `logs:${action} /aws/lambda/${functionName}`),
  ...['PutTraceSegments', 'PutTelemetryRecords'].map((action) => `xray:${action} *`),
];
const readSecret = (secret: string): string => `secretsmanager:GetSecretValue secret:${secret}-AbCdEf`;
const topic = (type: string): string => names(`bus-${topicOf(type)}`);

const publishingInterfaces = ['CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DeleteNetworkInterface', 'DescribeSubnets', 'AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses'];
const mappingInterfaces = ['CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DeleteNetworkInterface', 'DescribeSubnets', 'DescribeVpcs', 'DescribeSecurityGroups'];
const interfaces = (actions: readonly string[]): string[] => actions.map((action) => `ec2:${action} by AWS Lambda`);

/** Whether a function publishes, and so lies where brokers can be reached. */
function inVpc(name: string): boolean {
  const published = services.flatMap((each) => [...(each.consumer?.publishes.length ? [`${each.name}-consumer`] : []), ...(each.api?.publishes.length ? [`${each.name}-api`] : [])]);
  return published.includes(name) || name === 'http-bridge-game-server';
}

function publishes(types: readonly string[], bus: Bus): string[] {
  if (types.length === 0) return [];
  if (bus === 'sns') return [...types.map((type) => `sns:Publish ${topic(type)}`), ...['GenerateDataKey', 'Decrypt'].map((action) => `kms:${action} by sns.us-east-1.amazonaws.com`)];
  return ['kafka-cluster:Connect cluster', 'kafka-cluster:WriteDataIdempotently cluster', ...types.flatMap((type) => ['DescribeTopic', 'WriteData'].map((action) => `kafka-cluster:${action} ${topic(type)}`))];
}

/** What a mapping does with the queue by the function's role, and what the function does with it. */
const takesFrom = (queue: string): string[] => [
  ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes', 'ChangeMessageVisibility'].map((action) => `sqs:${action} ${queue}-queue`),
  `sqs:SendMessage ${queue}-dead-letters`,
];

/** What a mapping of Kafka does by the function's role. */
const reads = (owner: string, types: readonly string[]): string[] => [
  ...interfaces(mappingInterfaces),
  'kafka:GetBootstrapBrokers *',
  'kafka:DescribeClusterV2 cluster',
  'kafka-cluster:Connect cluster',
  ...types.flatMap((type) => ['DescribeTopic', 'ReadData'].map((action) => `kafka-cluster:${action} ${topic(type)}`)),
  ...types.flatMap((type) => ['DescribeGroup', 'AlterGroup'].map((action) => `kafka-cluster:${action} ${names(`${owner}-${topicOf(type)}`)}`)),
];

function consumes(service: string, { consumes }: Consumer, bus: Bus, bucketOf: (service: string) => number): string[] {
  if (bus === 'sns') return takesFrom(names(service));
  const bucket = `bucket ${bucketOf(service)}`;
  const folders = ['backlog', 'expired', 'parked'].flatMap((folder) => [`${folder}/`, ...[...subscriptions.map(({ name }) => name), 'game-server-of-others'].map((name) => `${folder}/${name}/`)]);
  return [
    ...reads(service, consumes.map(({ event }) => eventType(event))),
    ...[...folders.filter((folder) => folder.startsWith('parked/')), 'aws/lambda/'].map((folder) => `s3:PutObject ${bucket} ${folder}`),
    // AWS Lambda looks whether the bucket is there, with no prefix that a policy could name.
    ...['', ...folders].map((prefix) => `s3:ListBucket ${bucket} ${prefix}`),
  ];
}

function rightsOfBridge({ name, eventTypes, secret, ...more }: (typeof subscriptions)[number], bus: Bus, bucketNumber: number): string[] {
  const bucket = `bucket ${bucketNumber}`;
  const onBus =
    bus === 'sns'
      ? [
          ...takesFrom(names(`http-bridge-${name}`)),
          `sqs:SendMessage ${names(`http-bridge-${name}`)}-queue`,
          ...['GetObject', 'PutObject', 'DeleteObject'].map((action) => `s3:${action} ${bucket} backlog/${name}/`),
          `s3:ListBucket ${bucket} backlog/${name}/`,
          `s3:PutObject ${bucket} expired/${name}/`,
        ]
      : [...reads(`http-bridge-${name}`, eventTypes), ...['parked', 'expired'].map((folder) => `s3:PutObject ${bucket} ${folder}/${name}/`)];
  return [...onBus, ...['GetItem', 'PutItem'].map((action) => `dynamodb:${action} breakers of ${name}`), readSecret(secret), ...publishes('emits' in more ? more.emits : [], bus)];
}

/** It raises the partitions of the topic that a subscription wants more of. */
function partitions(): string[] {
  const [type = ''] = subscriptions.find(({ name }) => name === 'audit')?.eventTypes ?? [];
  const actions = ['kafka:DescribeTopic', 'kafka:UpdateTopic', ...['DescribeTopic', 'DescribeTopicDynamicConfiguration', 'AlterTopic', 'AlterTopicDynamicConfiguration'].map((action) => `kafka-cluster:${action}`)];
  return ['kafka-cluster:Connect cluster', ...actions.map((action) => `${action} ${topic(type)}`)];
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventNames, eventType, maxRetries, topicName, topicOf, variables } from '../../lambdas/contracts/names.ts';
import { type Service, services } from '../../lib/services.ts';
import { readSettings } from '../../lib/settings.ts';
import { audit, type CatalogFolders, catalogFolders, gameServer, matchEnded } from '../support/catalog.ts';
import { idOf, type Resource, statementsOf, synthesize, type Templates, text } from '../support/templates.ts';

const crowd = { ...audit, name: 'crowd', eventTypes: ['loginward.verdict.decided.v1', matchEnded.type], parallelism: 20 };
const subscriptions = [gameServer, audit, crowd];
const cluster = 'arn:aws:kafka:us-east-1:123456789012:cluster/studio/0a1b-2';
const place = { kafkaSubnets: 'subnet-0a1,subnet-0b2', kafkaSecurityGroup: 'sg-0c3' };

let catalog: CatalogFolders;
let context: Record<string, unknown>;
let sns: Templates;
let kafka: Templates;
const others: Templates[] = [];
beforeAll(async () => {
  catalog = await catalogFolders(Object.fromEntries(subscriptions.map((each) => [each.name, each])), { 'match-ended': matchEnded });
  context = { subscriptions: catalog.subscriptions, eventTypes: catalog.eventTypes };
  sns = await synthesize(context);
  kafka = await synthesize({ ...context, bus: 'kafka' });
}, 180_000);
afterAll(async () => {
  for (const templates of [sns, kafka, ...others]) await templates?.remove();
  await catalog?.remove();
});

/** The templates of some other settings. */
async function templatesWith(settings: Record<string, unknown>, table?: readonly Service[]): Promise<Templates> {
  const templates = await synthesize({ ...context, bus: 'kafka', ...settings }, table);
  others.push(templates);
  return templates;
}

/** One service's stack is enough where all are alike; and the one of the subscriptions. */
const few = services.filter(({ name }) => ['publisher', 'ip-checker', 'http-bridge'].includes(name));

const nameOf = ({ properties }: Resource): string => String(properties.FunctionName);
const functionsOf = (templates: Templates): Map<string, Resource> => new Map(templates.of('AWS::Lambda::Function').map((each) => [nameOf(each), each]));
const mappingsOf = (templates: Templates, owner: string): Resource[] =>
  templates.of('AWS::Lambda::EventSourceMapping').filter(({ properties }) => groupOf(properties).startsWith(`loginward-dev-${owner}-`));
const groupOf = (properties: Resource['properties']): string => (properties.AmazonManagedKafkaEventSourceConfig ?? properties.SelfManagedKafkaEventSourceConfig).ConsumerGroupId;
const topic = (type: string): string => `loginward-dev-bus-${topicOf(type)}`;

/** An ARN as one reads it: `<topic>` and `<group>` stand for what comes before the name of one, `<cluster>` for the whole of it. */
function arn(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: ref, 'Fn::Join': join, 'Fn::GetAtt': att, 'Fn::Select': select } = value as Record<string, unknown>;
  if (typeof ref === 'string') return /bus.?cluster/.test(ref) ? '<cluster>' : `<${ref}>`;
  if (Array.isArray(att)) return `<${att[0]}>`;
  if (Array.isArray(select)) {
    expect(select[1]).toMatchObject({ 'Fn::Split': [':cluster/', { Ref: expect.stringContaining('buscluster') }] });
    return `<${select[0]}>`;
  }
  return (join as [string, unknown[]])[1].map(arn).join('').replace(/^<0>:(topic|group)\/<1>\//, '<$1>');
}

/** What a function's role allows of some services of AWS, a line for each action and resource. */
function allowed(templates: Templates, name: string, prefixes: readonly string[]): string[] {
  const target = functionsOf(templates).get(name) as Resource;
  const policies = templates.of('AWS::IAM::Policy').filter(({ stack, properties }) => stack === target.stack && properties.Roles[0].Ref === idOf(target.properties.Role));
  const lines = policies
    .flatMap(statementsOf)
    .flatMap(({ actions, resources }) => actions.flatMap((action) => resources.map((resource) => `${action} ${arn(resource)}`)));
  return [...new Set(lines)].filter((line) => prefixes.some((prefix) => line.startsWith(prefix))).toSorted();
}

describe('what differs between the buses', () => {
  it('is in no function: each has the code, the memory and the time on Kafka that it has on SNS', () => {
    const [there, here] = [functionsOf(sns), functionsOf(kafka)];
    expect([...here.keys()].filter((name) => !there.has(name))).toEqual(['loginward-dev-bus-brokers', 'loginward-dev-http-bridge-partitions']);
    for (const [name, { properties }] of there) {
      const same = here.get(name)?.properties;
      for (const property of ['Code', 'Handler', 'Runtime', 'Architectures', 'MemorySize', 'Timeout']) expect(same[property], `${name} ${property}`).toEqual(properties[property]);
    }
  });

  it('is bus wiring alone', () => {
    const typesIn = ({ resources }: Templates) => new Set(resources.map(({ type }) => type));
    const [there, here] = [typesIn(sns), typesIn(kafka)];
    expect([...there].filter((type) => !here.has(type)).toSorted()).toEqual([
      'AWS::SNS::Subscription',
      'AWS::SQS::Queue',
      'AWS::SQS::QueuePolicy',
      'AWS::XRay::ResourcePolicy',
    ]);
    expect([...here].filter((type) => !there.has(type) && !type.startsWith('AWS::EC2::')).toSorted()).toEqual([
      'AWS::MSK::Cluster',
      'AWS::MSK::Configuration',
      'AWS::MSK::Topic',
      'Custom::KafkaBrokers',
      'Custom::TopicPartitions',
    ]);
    for (const { stack, type } of kafka.resources) if (type.startsWith('AWS::EC2::')) expect(stack).toBe('loginward-dev-bus');
    for (const type of ['AWS::DynamoDB::Table', 'AWS::ApiGatewayV2::Route', 'AWS::IAM::ManagedPolicy', 'AWS::SecretsManager::Secret']) {
      const plain = (templates: Templates) => templates.of(type).map(({ id, stack, properties }) => text({ stack, id, properties })).toSorted();
      expect(plain(kafka), type).toEqual(plain(sns));
    }
  });

  it('is told to every function that publishes or consumes, and to no other', () => {
    for (const [templates, bus] of [[sns, 'sns'], [kafka, 'kafka']] as const) {
      for (const [name, { properties }] of functionsOf(templates)) {
        const names = Object.keys(properties.Environment.Variables);
        const uses = /-consumer$|http-bridge-(?!partitions)/.test(name) || names.some((each) => each.startsWith('TOPIC_'));
        expect(properties.Environment.Variables.BUS, name).toBe(uses ? bus : undefined);
      }
    }
  });
});

describe('the cluster', () => {
  it('takes TLS and IAM and nothing else, from private subnets of as many zones as there are copies', () => {
    const [{ properties } = {} as Resource] = kafka.of('AWS::MSK::Cluster');
    expect(properties).toMatchObject({
      NumberOfBrokerNodes: 3,
      ClientAuthentication: { Sasl: { Iam: { Enabled: true } }, Unauthenticated: { Enabled: false } },
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true } },
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m7g.large', ConnectivityInfo: { PublicAccess: { Type: 'DISABLED' } } },
      LoggingInfo: { BrokerLogs: { CloudWatchLogs: { Enabled: true } } },
    });
    expect(properties.BrokerNodeGroupInfo.ClientSubnets).toHaveLength(3);
    expect(text(properties.BrokerNodeGroupInfo.ClientSubnets)).not.toContain('public');
  });

  it('sets on purpose what Kafka or MSK would lose events by', () => {
    const [{ properties } = {} as Resource] = kafka.of('AWS::MSK::Configuration');
    expect(properties.ServerProperties.trim().split('\n').toSorted()).toEqual([
      'auto.create.topics.enable=false',
      'default.replication.factor=3',
      'log.retention.hours=336',
      'min.insync.replicas=2',
      'offsets.retention.minutes=43200',
      'unclean.leader.election.enable=false',
    ]);
  });

  it('is open to the members of its group alone, and to the endpoints of AWS that functions call', () => {
    for (const { properties } of kafka.of('AWS::EC2::SecurityGroupIngress')) expect(properties.SourceSecurityGroupId).toEqual(properties.GroupId);
    for (const { properties } of kafka.of('AWS::EC2::SecurityGroup')) expect(properties.SecurityGroupIngress).toBeUndefined();
    const names = kafka.of('AWS::EC2::VPCEndpoint').map(({ properties }) => `${properties.VpcEndpointType} ${String(properties.ServiceName['Fn::Join'][1].at(-1)).slice(1)}`);
    expect(names.toSorted()).toEqual(['Gateway dynamodb', 'Gateway s3', 'Interface email', 'Interface secretsmanager', 'Interface sns']);
  });

  it('is asked for its brokers when it is deployed, by a function that may do nothing else, so that no other asks', () => {
    const names = [...functionsOf(kafka).keys()];
    expect(allowed(kafka, 'loginward-dev-bus-brokers', ['kafka', 'ec2', 's3', 'dynamodb'])).toEqual(['kafka:GetBootstrapBrokers *']);
    const [brokers] = kafka.of('Custom::KafkaBrokers');
    expect(brokers?.properties).toMatchObject({ BrokerCount: 3, ServiceTimeout: '120' });
    for (const name of names.filter((each) => each.endsWith('-api'))) expect(allowed(kafka, name, ['kafka:']), name).toEqual([]);
  });

  it('has a NAT gateway only when an endpoint whose answers go onto the bus is called from its VPC', async () => {
    expect(kafka.of('AWS::EC2::NatGateway')).toHaveLength(1);
    const folders = await catalogFolders({ audit });
    const quiet = await templatesWith({ subscriptions: folders.subscriptions }, few);
    await folders.remove();
    for (const type of ['AWS::EC2::NatGateway', 'AWS::EC2::InternetGateway', 'AWS::EC2::EIP']) expect(quiet.of(type)).toEqual([]);
  });

  it('outlives its stack in prod with its topics, and lies in two zones when it has two brokers', async () => {
    const prod = await templatesWith({ env: 'prod', kafkaBrokerCount: 2 }, few);
    for (const type of ['AWS::MSK::Cluster', 'AWS::MSK::Topic']) {
      for (const { deletionPolicy } of prod.of(type)) expect(deletionPolicy).toBe('Retain');
      for (const { deletionPolicy } of kafka.of(type)) expect(deletionPolicy).toBe('Delete');
    }
    expect(prod.of('AWS::MSK::Cluster')[0]?.properties.BrokerNodeGroupInfo.ClientSubnets).toHaveLength(2);
    for (const { properties } of prod.of('AWS::MSK::Topic')) expect(properties.ReplicationFactor).toBe(2);
  });
});

describe('topics', () => {
  it('belong to the stack of the first service that emits their events, a type of the company to the publisher', () => {
    const owners = new Map(kafka.of('AWS::MSK::Topic').map(({ stack, properties }) => [properties.TopicName as string, stack]));
    expect(owners.size).toBe(eventNames.length + 1);
    for (const name of eventNames) {
      const owner = services.find(({ emits }) => emits.includes(name))?.name;
      expect(owners.get(topic(eventType(name))), name).toBe(`loginward-dev-${owner}`);
    }
    expect(owners.get(topic(matchEnded.type))).toBe('loginward-dev-publisher');
  });

  it('keep three copies of every record for 14 days', () => {
    for (const { properties } of kafka.of('AWS::MSK::Topic')) {
      expect(properties).toMatchObject({ PartitionCount: 6, ReplicationFactor: 3 });
      const configs = JSON.parse(Buffer.from(properties.Configs, 'base64').toString()) as object;
      expect(configs).toEqual({ 'retention.ms': '1209600000', 'min.insync.replicas': '2', 'max.message.bytes': '1048588', 'cleanup.policy': 'delete' });
    }
  });

  it('get more partitions when a subscription wants more events at once than they have, by a function that may do that and no more', () => {
    const raised = kafka.of('Custom::TopicPartitions');
    expect(raised.map(({ properties }) => [properties.TopicName, properties.PartitionCount])).toEqual([
      [topic('loginward.verdict.decided.v1'), 20],
      [topic(matchEnded.type), 20],
    ]);
    for (const { properties } of raised) expect(arn(properties.ClusterArn)).toBe('<cluster>');
    const target = functionsOf(kafka).get('loginward-dev-http-bridge-partitions') as Resource;
    expect(idOf(raised[0]?.properties.ServiceToken)).toBe(target.id);
    expect(target.properties.VpcConfig).toBeUndefined();
    const topics = ['loginward.verdict.decided.v1', matchEnded.type].map((type) => `<topic>${topic(type)}`);
    const actions = ['kafka-cluster:AlterTopic', 'kafka-cluster:AlterTopicDynamicConfiguration', 'kafka-cluster:DescribeTopic', 'kafka-cluster:DescribeTopicDynamicConfiguration', 'kafka:DescribeTopic', 'kafka:UpdateTopic'];
    expect(allowed(kafka, nameOf(target), ['kafka', 'ec2', 's3', 'dynamodb'])).toEqual(
      ['kafka-cluster:Connect <cluster>', ...actions.flatMap((action) => topics.map((each) => `${action} ${each}`))].toSorted(),
    );
  });
});

describe('consumers', () => {
  const consuming = services.flatMap(({ name, consumer }) => (consumer ? [{ name, consumer }] : []));

  it('have a mapping and a group for each type, which puts aside whole what failed and never skips what was there before', () => {
    for (const { name, consumer } of consuming) {
      const mappings = mappingsOf(kafka, name);
      expect(mappings).toHaveLength(consumer.consumes.length);
      for (const { event, filter } of consumer.consumes) {
        const { stack, properties } = mappings.find((each) => text(each.properties.Topics) === text([topic(eventType(event))])) as Resource;
        expect(arn(properties.EventSourceArn)).toBe('<cluster>');
        expect(properties).toMatchObject({
          AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: `loginward-dev-${name}-${topicName(event)}` },
          StartingPosition: 'TRIM_HORIZON',
          BatchSize: consumer.batchSize,
          MaximumBatchingWindowInSeconds: consumer.batchingWindowSeconds,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          BisectBatchOnFunctionError: true,
          MaximumRetryAttempts: maxRetries,
          ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 2, PollerGroupName: 'loginward-dev-bus' },
        });
        const patterns = properties.FilterCriteria?.Filters.map(({ Pattern }: { Pattern: string }) => JSON.parse(Pattern) as unknown);
        expect(patterns).toEqual(filter && [{ value: { data: filter } }]);
        const bucket = kafka.of('AWS::S3::Bucket').find((each) => each.stack === stack);
        expect(idOf(properties.DestinationConfig.OnFailure.Destination)).toBe(bucket?.id);
      }
    }
  });

  it('that may do only so much at once are held to it by Lambda, because a mapping calls for each partition', () => {
    const reserved = (name: string) => functionsOf(kafka).get(`loginward-dev-${name}-consumer`)?.properties.ReservedConcurrentExecutions as number | undefined;
    for (const { name, consumer } of services) if (consumer) expect(reserved(name), name).toBe(consumer.maxConcurrency < 6 ? consumer.maxConcurrency : undefined);
  });

  it('keep what failed for 14 days in a bucket of their own, which outlives the stack and takes TLS alone', () => {
    for (const { name } of consuming) {
      const bucket = kafka.of('AWS::S3::Bucket').find(({ stack }) => stack === `loginward-dev-${name}`);
      expect(bucket?.deletionPolicy).toBe('Retain');
      const rules = bucket?.properties.LifecycleConfiguration.Rules as { Prefix?: string; ExpirationInDays?: number }[];
      expect(rules.flatMap(({ Prefix, ExpirationInDays }) => (Prefix === undefined ? [] : [[Prefix, ExpirationInDays]]))).toEqual([['parked/', 14], ['aws/lambda/', 14]]);
      const policy = kafka.of('AWS::S3::BucketPolicy').find(({ stack }) => stack === bucket?.stack);
      expect(text(policy?.properties)).toContain('"aws:SecureTransport":"false"');
    }
  });

  it('name that bucket in a parameter, by which `npm run dlq` finds it and knows the bus', () => {
    const named = (templates: Templates) =>
      new Map(templates.of('AWS::SSM::Parameter').flatMap(({ stack, properties }) => (String(properties.Name).endsWith('/on-failure') ? [[properties.Name as string, { stack, value: properties.Value }]] : [])));
    expect(named(sns).size).toBe(0);
    const found = named(kafka);
    expect([...found.keys()].toSorted()).toEqual(consuming.map(({ name }) => `/loginward/dev/${name}/on-failure`).toSorted());
    for (const { name } of consuming) expect(found.get(`/loginward/dev/${name}/on-failure`)).toEqual({ stack: `loginward-dev-${name}`, value: { Ref: 'OnFailure' } });
  });

  it('may read, publish and put aside exactly what is theirs', () => {
    for (const { name, consumer } of consuming) {
      const read = consumer.consumes.map(({ event }) => eventType(event));
      const published = consumer.publishes.map((event) => eventType(event));
      const lines = [
        'kafka:GetBootstrapBrokers *',
        ...['kafka:DescribeClusterV2', 'kafka-cluster:Connect', 'kafka-cluster:WriteDataIdempotently'].map((action) => `${action} <cluster>`),
        ...read.flatMap((type) => ['DescribeTopic', 'ReadData'].map((action) => `kafka-cluster:${action} <topic>${topic(type)}`)),
        ...read.flatMap((type) => ['DescribeGroup', 'AlterGroup'].map((action) => `kafka-cluster:${action} <group>loginward-dev-${name}-${topicOf(type)}`)),
        ...published.flatMap((type) => ['DescribeTopic', 'WriteData'].map((action) => `kafka-cluster:${action} <topic>${topic(type)}`)),
        's3:ListBucket <OnFailure>',
        's3:PutObject <OnFailure>/aws/lambda/*',
        's3:PutObject <OnFailure>/parked/*',
      ];
      expect(allowed(kafka, `loginward-dev-${name}-consumer`, ['kafka', 's3'])).toEqual([...new Set(lines)].toSorted());
    }
  });

  it('alarm when records fail, get lost, or wait for more than minutes, and say what breaks for whom', () => {
    const alarms = kafka.of('AWS::CloudWatch::Alarm').map(({ properties }) => properties.AlarmName as string);
    for (const { name, consumer } of consuming) {
      const kinds = ['failed', 'lost', 'consumer-errors', ...consumer.consumes.map(({ event }) => `lagging-${topicName(event)}`)];
      for (const kind of kinds) expect(alarms).toContain(`loginward-dev-${name}-${kind}`);
    }
    for (const { properties } of kafka.of('AWS::CloudWatch::Alarm')) {
      expect(properties.AlarmDescription.length).toBeGreaterThan(40);
      expect(properties.AlarmActions).toHaveLength(1);
    }
  });
});

describe('functions', () => {
  it('that publish lie in the VPC and know the cluster and their topics by name; the others lie in none', () => {
    for (const [name, { properties }] of functionsOf(kafka)) {
      const environment = properties.Environment.Variables as Record<string, unknown>;
      const topics = Object.entries(environment).filter(([each]) => each.startsWith('TOPIC_'));
      for (const [, value] of topics) expect(value).toMatch(/^loginward-dev-bus-/);
      expect(properties.VpcConfig !== undefined, name).toBe(topics.length > 0);
      expect(environment[variables.kafkaCluster] !== undefined, name).toBe(topics.length > 0);
      if (topics.length === 0) continue;
      expect(text(properties.VpcConfig.SubnetIds)).toMatch(/"Fn::Split":\[",",\{"Ref":"[^"]*bussubnets/);
      expect(properties.VpcConfig.SecurityGroupIds).toHaveLength(1);
    }
  });

  it('cannot make network interfaces themselves: that is for AWS Lambda, by their role', () => {
    for (const policy of kafka.of('AWS::IAM::Policy')) {
      for (const { actions, Condition } of statementsOf(policy)) {
        if (actions.some((action) => action.startsWith('ec2:'))) expect(Condition?.Null).toEqual({ 'lambda:SourceFunctionArn': 'true' });
      }
    }
  });

  it('get no resource by wildcard but where AWS knows no other', () => {
    for (const policy of kafka.of('AWS::IAM::Policy')) {
      for (const { actions, resources } of statementsOf(policy)) {
        expect(actions.filter((action) => action.endsWith('*'))).toEqual([]);
        if (resources.includes('*')) expect(actions.every((action) => /^(xray|ec2):|^kafka:GetBootstrapBrokers$/.test(action)), text(actions)).toBe(true);
      }
    }
  });

  it('have an environment of at most 4 KB', () => {
    for (const [name, { properties }] of functionsOf(kafka)) expect(text(properties.Environment.Variables).length, name).toBeLessThan(4096);
  });
});

describe('subscriptions', () => {
  it('keep their offsets while their endpoint does not work: tried for ever, with no destination', () => {
    for (const { name, eventTypes } of subscriptions) {
      const mappings = mappingsOf(kafka, `http-bridge-${name}`);
      expect(mappings.map(({ properties }) => properties.Topics[0] as string)).toEqual(eventTypes.map(topic));
      for (const { properties } of mappings) {
        expect(properties).toMatchObject({ MaximumRetryAttempts: -1, BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] });
        expect(properties.DestinationConfig).toBeUndefined();
        expect(properties.BisectBatchOnFunctionError).toBeUndefined();
      }
    }
    const [{ properties } = {} as Resource] = mappingsOf(kafka, 'http-bridge-game-server');
    expect(JSON.parse(properties.FilterCriteria.Filters[0].Pattern)).toEqual({ value: { data: gameServer.filter } });
  });

  it('have as many events at their endpoint as partitions, and no more than their parallelism', () => {
    const reserved = (name: string) => functionsOf(kafka).get(`loginward-dev-http-bridge-${name}`)?.properties.ReservedConcurrentExecutions as number | undefined;
    expect({ gameServer: reserved('game-server'), audit: reserved('audit'), crowd: reserved('crowd') }).toEqual({ gameServer: 4, audit: 1, crowd: 20 });
    // A poller makes five calls at a time.
    for (const { properties } of mappingsOf(kafka, 'http-bridge-crowd')) expect(properties.ProvisionedPollerConfig.MaximumPollers).toBe(4);
  });

  it('are never held by a disabled mapping, of which nobody would be told', () => {
    for (const { properties } of kafka.of('AWS::Lambda::EventSourceMapping')) expect(properties.Enabled ?? true).toBe(true);
  });

  it('may put aside what was refused or waited too long, keep their breaker, and touch nothing else', () => {
    expect(allowed(kafka, 'loginward-dev-http-bridge-crowd', ['s3', 'sqs', 'dynamodb'])).toEqual([
      'dynamodb:GetItem <TablebreakersTable92D973DE>',
      'dynamodb:PutItem <TablebreakersTable92D973DE>',
      's3:PutObject <Backlog>/expired/crowd/*',
      's3:PutObject <Backlog>/parked/crowd/*',
    ].toSorted());
  });
});

describe('brokers that there are', () => {
  it('of MSK: no cluster and no VPC is made, and the topics are made there', async () => {
    const existing = await templatesWith({ kafkaCluster: cluster, ...place }, few);
    expect(existing.resources.filter(({ type }) => type.startsWith('AWS::EC2::') || type === 'AWS::MSK::Cluster')).toEqual([]);
    const values = new Map(existing.of('AWS::SSM::Parameter').map(({ properties }) => [properties.Name, properties.Value]));
    expect(values.get('/loginward/dev/bus/cluster')).toBe(cluster);
    expect(values.get('/loginward/dev/bus/subnets')).toBe('subnet-0a1,subnet-0b2');
    expect(values.get('/loginward/dev/bus/security-group')).toBe('sg-0c3');
    expect(existing.of('AWS::MSK::Topic').length).toBeGreaterThan(0);
  });

  it('without MSK: neither topics nor partitions are made, and mappings and functions sign in with the secret', async () => {
    const own = await templatesWith({ kafkaBrokers: 'b1.studio.com:9096,b2.studio.com:9096', kafkaSecret: 'brokers', ...place }, few);
    expect(own.resources.filter(({ type }) => /MSK|EC2::|Custom::/.test(type))).toEqual([]);
    for (const { properties } of own.of('AWS::Lambda::EventSourceMapping')) {
      expect(properties.EventSourceArn).toBeUndefined();
      expect(properties.SelfManagedEventSource.Endpoints.KafkaBootstrapServers).toEqual(['b1.studio.com:9096', 'b2.studio.com:9096']);
      const access = properties.SourceAccessConfigurations as { Type: string; URI: unknown }[];
      expect(access.map(({ Type }) => Type)).toEqual(['VPC_SUBNET', 'VPC_SUBNET', 'VPC_SECURITY_GROUP', 'SASL_SCRAM_512_AUTH']);
      expect(text(access.at(-1)?.URI)).toContain(':secret:brokers');
    }
    const consumer = own.of('AWS::Lambda::Function').find((each) => nameOf(each).endsWith('ip-checker-consumer'));
    expect(consumer?.properties.Environment.Variables).toMatchObject({ KAFKA_BROKERS: 'b1.studio.com:9096,b2.studio.com:9096', KAFKA_SECRET: 'brokers' });
    expect(consumer?.properties.Environment.Variables.KAFKA_CLUSTER).toBeUndefined();
    expect(allowed(own, 'loginward-dev-ip-checker-consumer', ['kafka'])).toEqual([]);
    expect(allowed(own, 'loginward-dev-ip-checker-consumer', ['secretsmanager'])[0]).toContain(':secret:brokers-??????');
  });
});

describe('settings that do not go together are refused by name', () => {
  const brokers = 'b1.studio.com:9096';
  it.each([
    ['kafkaPartitions', { kafkaPartitions: 12 }],
    ['kafkaBrokers', { bus: 'kafka', kafkaCluster: cluster, kafkaBrokers: brokers, ...place }],
    ['kafkaSecret', { bus: 'kafka', kafkaSecret: 'brokers' }],
    ['kafkaSubnets', { bus: 'kafka', kafkaBrokers: brokers, kafkaSecurityGroup: 'sg-0c3' }],
    ['kafkaSecurityGroup', { bus: 'kafka', kafkaCluster: cluster, kafkaSubnets: 'subnet-0a1' }],
    ['kafkaSubnets', { bus: 'kafka', ...place }],
    ['kafkaBrokerType', { bus: 'kafka', kafkaCluster: cluster, kafkaBrokerType: 'kafka.m7g.xlarge', ...place }],
    ['kafkaBrokerType', { bus: 'kafka', kafkaBrokerType: 'express.m7g.large' }],
    ['kafkaBrokerCount', { bus: 'kafka', kafkaBrokerCount: 4 }],
    ['kafkaZones', { bus: 'kafka', kafkaZones: 'us-east-1a,us-east-1b' }],
    ['kafkaCluster', { bus: 'kafka', kafkaCluster: 'studio', ...place }],
    ['bus', { bus: 'rabbit' }],
  ])('%s in %j', (name, settings) => {
    expect(() => readSettings(settings)).toThrow(new RegExp(`^Bad settings \\(-c name=value\\):\\n  ${name}[.:0-9]`));
  });
});

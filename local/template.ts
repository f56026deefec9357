import { arnOf, readStacks, Resolver, type Stack } from './cloudformation.ts';
import { monitoringTypes, readMonitoring } from './cloudwatch/template.ts';
import { kafkaTypes, readKafka } from './kafka/template.ts';
import type { Function, Model, PolicyDocument, Queue, Route, Schedule, Subscription } from './model.ts';

/** A resource with its references resolved. */
export interface Resolved {
  readonly type: string;
  readonly id: string;
  readonly stack: Stack;
  // oxlint-disable-next-line no-explicit-any -- the shape of a resource's properties is CloudFormation's, by its type
  readonly properties: Readonly<Record<string, any>>;
}

/**
 * Reads a cloud assembly (`cdk.out`) as CloudFormation would carry it out: references, attributes, and SSM parameters across stacks.
 *
 * @param folder the cloud assembly
 * @param origin where the HTTP API will be served
 * @param brokers of the Kafka cluster, when that is the bus
 * @throws for a resource or an intrinsic function that the local run does not know: what deploys must not differ from what runs here
 */
export function readModel(folder: string, origin: string, brokers?: string): Model {
  // The player's page the local run serves by itself: no other stack knows of CloudFront, the bucket, or the function of CDK's that fills it.
  const stacks = readStacks(folder).filter(({ name }) => !name.endsWith('-site'));
  const resolver = new Resolver(stacks, origin, brokers);
  const all = stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources).map(([id, { Type: type, Properties = {} }]): Resolved => {
      if (!knownTypes.has(type)) throw new Error(`The local run does not know ${type} (${id} of ${stack.name}).`);
      return { type, id, stack, properties: resolver.resolve(Properties, stack) as Record<string, unknown> };
    }),
  );
  return modelOf(all, (resource) => resolver.reference(resource.id, resource.stack), (resource) => resolver.arn(resource.id, resource.stack));
}

/** Types that the local run carries out, or that change nothing on one machine. */
const knownTypes = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::DynamoDB::Table',
  'AWS::Events::Rule',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KMS::Key',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::Logs::QueryDefinition',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SecretsManager::Secret',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Parameter',
  'AWS::XRay::ResourcePolicy',
  ...kafkaTypes,
  ...monitoringTypes,
]);

function modelOf(all: readonly Resolved[], referenceTo: (resource: Resolved) => unknown, arnTo: (resource: Resolved) => string): Model {
  const of = (type: string) => all.filter((resource) => resource.type === type);
  const policiesOn = (type: string, list: string, name: unknown): PolicyDocument[] =>
    of(type).flatMap(({ properties }) => ((properties[list] as unknown[]).includes(name) ? [properties['PolicyDocument'] as PolicyDocument] : []));

  const queues = of('AWS::SQS::Queue').map((resource): Queue => {
    const { properties } = resource;
    const redrive = properties['RedrivePolicy'] as { deadLetterTargetArn: string; maxReceiveCount: number } | undefined;
    const url = String(referenceTo(resource));
    return {
      name: properties['QueueName'],
      arn: arnTo(resource),
      url,
      visibilitySeconds: properties['VisibilityTimeout'] ?? 30,
      retentionSeconds: properties['MessageRetentionPeriod'] ?? 345_600,
      ...(redrive && { redrive: { deadLetterQueueArn: redrive.deadLetterTargetArn, maxReceives: redrive.maxReceiveCount } }),
      policies: policiesOn('AWS::SQS::QueuePolicy', 'Queues', url),
    };
  });

  const topics = of('AWS::SNS::Topic').map((resource) => ({
    arn: arnTo(resource),
    keyArn: resource.properties['KmsMasterKeyId'] as string | undefined,
    policies: policiesOn('AWS::SNS::TopicPolicy', 'Topics', arnTo(resource)),
  }));

  const functions = of('AWS::Lambda::Function').map((resource): Function => {
    const { properties, stack } = resource;
    const role = all.find((each) => each.type === 'AWS::IAM::Role' && arnTo(each) === properties['Role']);
    const codePath = stack.assets.get(properties['Code'].S3Key);
    if (!codePath) throw new Error(`The bundle of ${properties['FunctionName']} is not in the cloud assembly.`);
    return {
      name: properties['FunctionName'],
      arn: arnTo(resource),
      codePath,
      handler: properties['Handler'],
      environment: properties['Environment']?.Variables ?? {},
      timeoutSeconds: properties['Timeout'] ?? 3,
      memoryMiB: properties['MemorySize'] ?? 128,
      reservedConcurrency: properties['ReservedConcurrentExecutions'],
      roleArn: properties['Role'],
      policies: role ? policiesOn('AWS::IAM::Policy', 'Roles', referenceTo(role)) : [],
      invokers: of('AWS::Lambda::Permission').flatMap((permission) =>
        permission.properties['FunctionName'] === arnTo(resource)
          ? [{ service: permission.properties['Principal'], sourceArn: permission.properties['SourceArn'] }]
          : [],
      ),
    };
  });

  return {
    queues,
    topics,
    keys: of('AWS::KMS::Key').map((resource) => ({ arn: arnTo(resource), policies: [resource.properties['KeyPolicy'] as PolicyDocument] })),
    subscriptions: of('AWS::SNS::Subscription').map(subscriptionOf),
    tables: of('AWS::DynamoDB::Table').map((resource) => ({
      name: resource.properties['TableName'],
      arn: arnTo(resource),
      keySchema: resource.properties['KeySchema'],
      attributeDefinitions: resource.properties['AttributeDefinitions'],
    })),
    functions,
    eventSourceMappings: of('AWS::Lambda::EventSourceMapping').filter(({ properties }) => properties['Topics'] === undefined).map(({ properties }) => ({
      functionName: properties['FunctionName'],
      queueArn: properties['EventSourceArn'],
      batchSize: properties['BatchSize'] ?? 10,
      windowSeconds: properties['MaximumBatchingWindowInSeconds'] ?? 0,
      maxConcurrency: properties['ScalingConfig']?.MaximumConcurrency ?? 1000,
      reportsFailures: properties['FunctionResponseTypes']?.includes('ReportBatchItemFailures') ?? false,
    })),
    buckets: of('AWS::S3::Bucket').map((resource) => ({
      name: String(referenceTo(resource)),
      arn: arnTo(resource),
      policies: of('AWS::S3::BucketPolicy').flatMap(({ properties }) =>
        properties['Bucket'] === referenceTo(resource) ? [properties['PolicyDocument'] as PolicyDocument] : [],
      ),
    })),
    parameters: new Map(of('AWS::SSM::Parameter').map(({ properties }) => [properties['Name'], String(properties['Value'])])),
    secrets: of('AWS::SecretsManager::Secret').map(({ properties }) => properties['Name']),
    schedules: of('AWS::Events::Rule').map((rule) => scheduleOf(rule, arnTo(rule))),
    api: apiOf(of, referenceTo),
    kafka: readKafka(of, arnTo),
    monitoring: readMonitoring(of),
    callerPolicies: of('AWS::IAM::ManagedPolicy').map(({ properties }) => properties['PolicyDocument']),
  };
}

function scheduleOf({ id, stack, properties }: Resolved, arn: string): Schedule {
  const minutes = /^rate\((\d+) minutes?\)$/.exec(properties['ScheduleExpression'] ?? '')?.[1];
  const [target, ...more] = (properties['Targets'] ?? []) as { Arn: string; Input?: string }[];
  if (minutes === undefined || !target || more.length > 0) {
    throw new Error(`The local run only knows rules that call one function every so many minutes (${id} of ${stack.name}).`);
  }
  return { arn, functionArn: target.Arn, everySeconds: Number(minutes) * 60, input: target.Input };
}

function subscriptionOf({ id, stack, properties }: Resolved): Subscription {
  const known = properties['Protocol'] === 'sqs' && properties['RawMessageDelivery'] === true;
  const policy = properties['FilterPolicy'] as { data?: Record<string, string[]> } | undefined;
  if (!known || (policy && (properties['FilterPolicyScope'] !== 'MessageBody' || Object.keys(policy).join() !== 'data'))) {
    throw new Error(`The local run only knows raw delivery to SQS, filtered by the event's data (${id} of ${stack.name}).`);
  }
  return {
    topicArn: properties['TopicArn'],
    queueArn: properties['Endpoint'],
    ...(policy?.data && { filter: policy.data }),
    deadLetterQueueArn: properties['RedrivePolicy']?.deadLetterTargetArn,
  };
}

function apiOf(of: (type: string) => Resolved[], referenceTo: (resource: Resolved) => unknown): Model['api'] {
  const [api] = of('AWS::ApiGatewayV2::Api');
  const [stage] = of('AWS::ApiGatewayV2::Stage');
  if (!api || !stage) throw new Error('The templates have no HTTP API with a stage.');
  const integrations = new Map(of('AWS::ApiGatewayV2::Integration').map((each) => [`integrations/${String(referenceTo(each))}`, each]));
  const authorizers = new Map(of('AWS::ApiGatewayV2::Authorizer').map((each) => [referenceTo(each), each]));
  const authorizationOf = ({ properties }: Resolved): Route['authorization'] => {
    const type = properties['AuthorizationType'];
    if (type !== 'JWT') return { type: type === 'AWS_IAM' ? 'AWS_IAM' : 'NONE' };
    const { Issuer: issuer, Audience: audience } = authorizers.get(properties['AuthorizerId'])?.properties['JwtConfiguration'] ?? {};
    if (issuer === undefined) throw new Error(`The authorizer of ${properties['RouteKey']} is in no template.`);
    return { type, issuer, audience };
  };
  const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst, DetailedMetricsEnabled: hasDetailedMetrics = false } = stage.properties['DefaultRouteSettings'] ?? {};
  return {
    arn: arnOf('execute-api', String(referenceTo(api))),
    throttle: { rate: rate ?? 10_000, burst: burst ?? 5000 },
    hasDetailedMetrics,
    routes: of('AWS::ApiGatewayV2::Route').map((route) => ({
      key: route.properties['RouteKey'],
      functionArn: integrations.get(route.properties['Target'])?.properties['IntegrationUri'],
      authorization: authorizationOf(route),
    })),
  };
}

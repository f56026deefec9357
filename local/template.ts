import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Function, Model, PolicyDocument, Queue, Route, Subscription } from './model.ts';

/** Where everything of the local run pretends to be. */
export const region = 'us-east-1';
export const accountNumber = '000000000000';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: string }>>;
  readonly Resources: Readonly<Record<string, Resource>>;
}

interface Stack {
  readonly name: string;
  readonly template: Template;
  /** Folders of the stack's assets, by the key under which they are deployed. */
  readonly assets: ReadonlyMap<string, string>;
}

/** A resource with its references resolved. */
interface Resolved {
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
 * @throws for a resource or an intrinsic function that the local run does not know: what deploys must not differ from what runs here
 */
export function readModel(folder: string): Model {
  const stacks = readStacks(folder);
  const parameters = new Map<string, { stack: Stack; value: unknown }>();
  for (const stack of stacks) {
    for (const { Type, Properties } of Object.values(stack.template.Resources)) {
      if (Type === 'AWS::SSM::Parameter') parameters.set(String(Properties?.['Name']), { stack, value: Properties?.['Value'] });
    }
  }
  const resolver = new Resolver(parameters);
  const all = stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources).map(([id, { Type: type, Properties = {} }]): Resolved => {
      if (!knownTypes.has(type)) throw new Error(`The local run does not know ${type} (${id} of ${stack.name}).`);
      return { type, id, stack, properties: resolver.resolve(Properties, stack) as Record<string, unknown> };
    }),
  );
  return modelOf(all, (resource) => resolver.reference(resource.id, resource.stack), (resource) => resolver.arn(resource.id, resource.stack));
}

function readStacks(folder: string): Stack[] {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const { artifacts } = read('manifest.json') as { artifacts: Record<string, { type: string; properties?: { templateFile?: string } }> };
  return Object.entries(artifacts).flatMap(([name, { type, properties }]) => {
    if (type !== 'aws:cloudformation:stack' || properties?.templateFile === undefined) return [];
    const { files } = read(`${name}.assets.json`) as { files: Record<string, { source: { path: string }; destinations: object }> };
    const assets = Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations as Record<string, { objectKey: string }>).map(
        ({ objectKey }): [string, string] => [objectKey, join(folder, source.path)],
      ),
    );
    return { name, template: read(properties.templateFile) as Template, assets: new Map(assets) };
  });
}

/** Types that the local run carries out, or that change nothing on one machine. */
const knownTypes = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CloudWatch::Alarm',
  'AWS::DynamoDB::Table',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KMS::Key',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Parameter',
]);

/** By type, where its name stands, and how the resource part of its ARN begins. */
const arns: Readonly<Record<string, { readonly service: string; readonly prefix?: string; readonly name?: string }>> = {
  'AWS::DynamoDB::Table': { service: 'dynamodb', prefix: 'table/', name: 'TableName' },
  'AWS::IAM::ManagedPolicy': { service: 'iam', prefix: 'policy/', name: 'ManagedPolicyName' },
  'AWS::IAM::Role': { service: 'iam', prefix: 'role/', name: 'RoleName' },
  'AWS::KMS::Key': { service: 'kms', prefix: 'key/' },
  'AWS::Lambda::Function': { service: 'lambda', prefix: 'function:', name: 'FunctionName' },
  'AWS::Logs::LogGroup': { service: 'logs', prefix: 'log-group:', name: 'LogGroupName' },
  'AWS::SNS::Topic': { service: 'sns', name: 'TopicName' },
  'AWS::SQS::Queue': { service: 'sqs', name: 'QueueName' },
};

/** Types whose `Ref` is their ARN. */
const referredByArn = new Set(['AWS::SNS::Topic', 'AWS::IAM::ManagedPolicy']);

const arnOf = (service: string, resource: string): string =>
  `arn:aws:${service}:${service === 'iam' ? '' : region}:${accountNumber}:${resource}`;

const queueUrl = (name: string): string => `https://sqs.${region}.amazonaws.com/${accountNumber}/${name}`;

/** The intrinsic functions of CloudFormation, as far as the templates use them. */
class Resolver {
  readonly #parameters: ReadonlyMap<string, { stack: Stack; value: unknown }>;

  constructor(parameters: ReadonlyMap<string, { stack: Stack; value: unknown }>) {
    this.#parameters = parameters;
  }

  resolve(value: unknown, stack: Stack): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item, stack));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [[name, argument] = ['', undefined]] = entries;
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) return this.#call(name, argument, stack);
    return Object.fromEntries(entries.map(([key, item]) => [key, this.resolve(item, stack)]));
  }

  #call(name: string, argument: unknown, stack: Stack): unknown {
    switch (name) {
      case 'Ref':
        return this.reference(String(argument), stack);
      case 'Fn::GetAtt': {
        const [id, attribute] = argument as [string, string];
        if (attribute === 'Arn' || attribute === 'TopicArn') return this.arn(id, stack);
        if (attribute === 'QueueName' || attribute === 'TopicName') return this.#name(id, stack);
        throw new Error(`The local run does not know the attribute ${attribute} (${id} of ${stack.name}).`);
      }
      case 'Fn::Join': {
        const [separator, parts] = argument as [string, unknown[]];
        return (this.resolve(parts, stack) as unknown[]).join(separator);
      }
      case 'Fn::Sub':
        return String(argument).replaceAll(/\$\{([^}]+)\}/g, (_, reference: string) => String(this.reference(reference, stack)));
      default:
        throw new Error(`The local run does not know ${name} (in ${stack.name}).`);
    }
  }

  /** What `Ref` gives. */
  reference(id: string, stack: Stack): unknown {
    const pseudo: Record<string, string> = {
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::AccountId': accountNumber,
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack.name,
    };
    if (id in pseudo) return pseudo[id];
    const parameter = stack.template.Parameters?.[id];
    if (parameter) {
      if (!parameter.Type.startsWith('AWS::SSM::Parameter::Value')) return parameter.Default;
      const found = this.#parameters.get(parameter.Default ?? '');
      if (!found) throw new Error(`${stack.name} reads the SSM parameter ${parameter.Default}, which no stack writes.`);
      return this.resolve(found.value, found.stack);
    }
    const type = this.#resource(id, stack).Type;
    if (type === 'AWS::SQS::Queue') return queueUrl(this.#name(id, stack));
    return referredByArn.has(type) ? this.arn(id, stack) : this.#name(id, stack);
  }

  arn(id: string, stack: Stack): string {
    const { Type } = this.#resource(id, stack);
    const scheme = arns[Type];
    if (!scheme) throw new Error(`The local run does not know the ARN of ${Type} (${id} of ${stack.name}).`);
    return arnOf(scheme.service, `${scheme.prefix ?? ''}${this.#name(id, stack)}`);
  }

  /** The name that the template gives, or else one as CloudFormation would make it up. */
  #name(id: string, stack: Stack): string {
    const { Type, Properties } = this.#resource(id, stack);
    const given = Properties?.[arns[Type]?.name ?? ''];
    if (given !== undefined) return String(this.resolve(given, stack));
    return createHash('sha256').update(`${stack.name} ${id}`).digest('hex').slice(0, 10);
  }

  #resource(id: string, stack: Stack): Resource {
    const resource = stack.template.Resources[id];
    if (!resource) throw new Error(`${stack.name} refers to ${id}, which it does not have.`);
    return resource;
  }
}

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
    eventSourceMappings: of('AWS::Lambda::EventSourceMapping').map(({ properties }) => ({
      functionName: properties['FunctionName'],
      queueArn: properties['EventSourceArn'],
      batchSize: properties['BatchSize'] ?? 10,
      windowSeconds: properties['MaximumBatchingWindowInSeconds'] ?? 0,
      maxConcurrency: properties['ScalingConfig']?.MaximumConcurrency ?? 1000,
      reportsFailures: properties['FunctionResponseTypes']?.includes('ReportBatchItemFailures') ?? false,
    })),
    api: apiOf(of, referenceTo),
    callerPolicies: of('AWS::IAM::ManagedPolicy').map(({ properties }) => properties['PolicyDocument']),
  };
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
  const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = stage.properties['DefaultRouteSettings'] ?? {};
  return {
    arn: arnOf('execute-api', String(referenceTo(api))),
    throttle: { rate: rate ?? 10_000, burst: burst ?? 5000 },
    routes: of('AWS::ApiGatewayV2::Route').map((route) => ({
      key: route.properties['RouteKey'],
      functionArn: integrations.get(route.properties['Target'])?.properties['IntegrationUri'],
      authorization: authorizationOf(route),
    })),
  };
}

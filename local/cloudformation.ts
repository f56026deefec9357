import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where everything of the local run pretends to be. */
export const region = 'us-east-1';
export const accountNumber = '000000000000';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: string }>>;
  readonly Resources: Readonly<Record<string, Resource>>;
}

export interface Stack {
  readonly name: string;
  readonly template: Template;
  /** Folders of the stack's assets, by the key under which they are deployed. */
  readonly assets: ReadonlyMap<string, string>;
}

/** The stacks of a cloud assembly (`cdk.out`), with their templates and assets. */
export function readStacks(folder: string): Stack[] {
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

/** By type, where its name stands, and how the resource part of its ARN begins. */
const arns: Readonly<Record<string, { readonly service: string; readonly prefix?: string; readonly name?: string }>> = {
  'AWS::CloudWatch::Alarm': { service: 'cloudwatch', prefix: 'alarm:', name: 'AlarmName' },
  'AWS::CloudWatch::CompositeAlarm': { service: 'cloudwatch', prefix: 'alarm:', name: 'AlarmName' },
  'AWS::CloudWatch::Dashboard': { service: 'cloudwatch', prefix: 'dashboard/', name: 'DashboardName' },
  'AWS::DynamoDB::Table': { service: 'dynamodb', prefix: 'table/', name: 'TableName' },
  'AWS::Events::Rule': { service: 'events', prefix: 'rule/', name: 'Name' },
  'AWS::IAM::ManagedPolicy': { service: 'iam', prefix: 'policy/', name: 'ManagedPolicyName' },
  'AWS::IAM::Role': { service: 'iam', prefix: 'role/', name: 'RoleName' },
  'AWS::KMS::Key': { service: 'kms', prefix: 'key/' },
  'AWS::Lambda::Function': { service: 'lambda', prefix: 'function:', name: 'FunctionName' },
  'AWS::MSK::Cluster': { service: 'kafka', prefix: 'cluster/', name: 'ClusterName' },
  'AWS::MSK::Configuration': { service: 'kafka', prefix: 'configuration/', name: 'Name' },
  'AWS::Logs::LogGroup': { service: 'logs', prefix: 'log-group:', name: 'LogGroupName' },
  'AWS::S3::Bucket': { service: 's3', name: 'BucketName' },
  'AWS::SecretsManager::Secret': { service: 'secretsmanager', prefix: 'secret:', name: 'Name' },
  'AWS::SNS::Topic': { service: 'sns', name: 'TopicName' },
  'AWS::SQS::Queue': { service: 'sqs', name: 'QueueName' },
};

/** Types whose `Ref` is their ARN. */
const referredByArn = new Set(['AWS::SNS::Topic', 'AWS::IAM::ManagedPolicy', 'AWS::MSK::Cluster', 'AWS::MSK::Configuration']);
/** What MSK puts behind the names in its ARNs. */
const mskId = '00000000-0000-4000-8000-000000000000-1';

export const arnOf = (service: string, resource: string): string =>
  service === 's3' ? `arn:aws:s3:::${resource}` : `arn:aws:${service}:${service === 'iam' ? '' : region}:${accountNumber}:${resource}`;

const queueUrl = (name: string): string => `https://sqs.${region}.amazonaws.com/${accountNumber}/${name}`;

/** The intrinsic functions of CloudFormation, as far as the templates use them. */
export class Resolver {
  /** SSM parameters of all stacks, by name. */
  readonly #parameters = new Map<string, { readonly stack: Stack; readonly value: unknown }>();
  readonly #origin: string;
  readonly #brokers: string | undefined;

  /**
   * @param origin where the HTTP API is served
   * @param brokers of the Kafka cluster, `127.0.0.1:9092`
   */
  constructor(stacks: readonly Stack[], origin: string, brokers?: string) {
    this.#origin = origin;
    this.#brokers = brokers;
    for (const stack of stacks) {
      for (const { Type, Properties } of Object.values(stack.template.Resources)) {
        if (Type === 'AWS::SSM::Parameter') this.#parameters.set(String(Properties?.['Name']), { stack, value: Properties?.['Value'] });
      }
    }
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
        const { Type } = this.#resource(id, stack);
        // Networks are told apart by what they are called, and change nothing on one machine.
        if (Type.startsWith('AWS::EC2::')) return this.#name(id, stack);
        if (Type === 'Custom::KafkaBrokers' && attribute === 'Brokers') return this.#brokers;
        if (Type === 'AWS::MSK::Configuration' && attribute === 'LatestRevision.Revision') return 1;
        // That of a log group stands for its streams.
        if (Type === 'AWS::Logs::LogGroup' && attribute === 'Arn') return `${this.arn(id, stack)}:*`;
        if (attribute === 'Arn' || attribute === 'TopicArn') return this.arn(id, stack);
        if (attribute === 'ApiEndpoint') return this.#origin;
        if (attribute === 'QueueName' || attribute === 'TopicName') return this.#name(id, stack);
        throw new Error(`The local run does not know the attribute ${attribute} (${id} of ${stack.name}).`);
      }
      case 'Fn::Join': {
        const [separator, parts] = argument as [string, unknown[]];
        return (this.resolve(parts, stack) as unknown[]).join(separator);
      }
      case 'Fn::Select': {
        const [index, list] = argument as [number | string, unknown];
        return (this.resolve(list, stack) as unknown[])[Number(index)];
      }
      case 'Fn::Split': {
        const [separator, text] = argument as [string, unknown];
        return String(this.resolve(text, stack)).split(separator);
      }
      case 'Fn::GetAZs':
        return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
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
      const value = this.resolve(found.value, found.stack);
      return parameter.Type.includes('<List<') ? String(value).split(',') : value;
    }
    const type = this.#resource(id, stack).Type;
    if (type === 'AWS::SQS::Queue') return queueUrl(this.#name(id, stack));
    return referredByArn.has(type) ? this.arn(id, stack) : this.#name(id, stack);
  }

  arn(id: string, stack: Stack): string {
    const { Type } = this.#resource(id, stack);
    const scheme = arns[Type];
    if (!scheme) throw new Error(`The local run does not know the ARN of ${Type} (${id} of ${stack.name}).`);
    const suffix = scheme.service === 'kafka' ? `/${mskId}` : '';
    return arnOf(scheme.service, `${scheme.prefix ?? ''}${this.#name(id, stack)}${suffix}`);
  }

  /** The name that the template gives, or else one as CloudFormation would make it up. */
  #name(id: string, stack: Stack): string {
    const { Type, Properties } = this.#resource(id, stack);
    const group = (Properties?.['AmazonManagedKafkaEventSourceConfig'] as { ConsumerGroupId?: unknown } | undefined)?.ConsumerGroupId;
    if (group !== undefined) return mappingIdOf(String(this.resolve(group, stack)));
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

/** The UUID of an event source mapping of Kafka, which it keeps as long as it keeps its consumer group. */
export function mappingIdOf(group: string): string {
  const hex = createHash('sha256').update(group).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

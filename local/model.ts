import type { Monitoring } from './cloudwatch/template.ts';
import type { Pattern } from './kafka/filter.ts';

/**
 * What the local run reads out of the synthesized templates, with every reference resolved: the resources that CloudFormation
 * would make, as far as the local run carries them out.
 */
export interface Model {
  readonly queues: readonly Queue[];
  readonly topics: readonly Topic[];
  readonly keys: readonly Key[];
  readonly subscriptions: readonly Subscription[];
  readonly tables: readonly Table[];
  readonly functions: readonly Function[];
  readonly eventSourceMappings: readonly EventSourceMapping[];
  /** The Kafka cluster, when that is the bus. */
  readonly kafka: KafkaCluster | undefined;
  readonly buckets: readonly Bucket[];
  /** Parameters of SSM, by name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Names of the secrets that the templates have generated. */
  readonly secrets: readonly string[];
  readonly schedules: readonly Schedule[];
  readonly api: Api;
  /** Alarms and dashboards. */
  readonly monitoring: Monitoring;
  /** Policies that a caller of the HTTP API may be given: the stacks' managed policies. */
  readonly callerPolicies: readonly PolicyDocument[];
}

/** An IAM policy document, as the template has it. */
export type PolicyDocument = Readonly<Record<string, unknown>>;

export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilitySeconds: number;
  readonly retentionSeconds: number;
  readonly redrive?: { readonly deadLetterQueueArn: string; readonly maxReceives: number };
  readonly policies: readonly PolicyDocument[];
}

export interface Topic {
  readonly arn: string;
  /** The KMS key that a publisher must be allowed to use as well. */
  readonly keyArn?: string;
  readonly policies: readonly PolicyDocument[];
}

/** A key of KMS. */
export interface Key {
  readonly arn: string;
  readonly policies: readonly PolicyDocument[];
}

/** A bucket of S3. */
export interface Bucket {
  readonly name: string;
  readonly arn: string;
  readonly policies: readonly PolicyDocument[];
}

/** A rule of EventBridge that calls a function at a fixed rate. */
export interface Schedule {
  readonly arn: string;
  readonly functionArn: string;
  readonly everySeconds: number;
  /** JSON; nothing for EventBridge's own event. */
  readonly input: string | undefined;
}

export interface Subscription {
  readonly topicArn: string;
  readonly queueArn: string;
  /** By field of the event's `data`, the values that are let through. */
  readonly filter?: Readonly<Record<string, readonly string[]>>;
  readonly deadLetterQueueArn?: string;
}

export interface Table {
  readonly name: string;
  readonly arn: string;
  /** Input of DynamoDB's CreateTable, as the template has it. */
  readonly keySchema: readonly { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }[];
  readonly attributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: 'S' | 'N' | 'B' }[];
}

export interface Function {
  readonly name: string;
  readonly arn: string;
  /** Folder of the bundle in the cloud assembly. */
  readonly codePath: string;
  /** `index.handler`: file and export. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
  /** How many may run at once; nothing for as many as there are. */
  readonly reservedConcurrency?: number | undefined;
  readonly roleArn: string;
  /** Policies of the role. */
  readonly policies: readonly PolicyDocument[];
  /** ARN patterns of what may invoke the function, by the service that does: `apigateway.amazonaws.com`. */
  readonly invokers: readonly { readonly service: string; readonly sourceArn: string }[];
}

export interface EventSourceMapping {
  readonly functionName: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maxConcurrency: number;
  /** Without it, one failed record fails its whole batch. */
  readonly reportsFailures: boolean;
}

/** A cluster of MSK, with what the templates have on it. */
export interface KafkaCluster {
  readonly arn: string;
  readonly topics: readonly KafkaTopic[];
  readonly mappings: readonly KafkaMapping[];
  /** In the order in which they are made. */
  readonly customResources: readonly CustomResource[];
}

/** A topic of Kafka. */
export interface KafkaTopic {
  readonly name: string;
  readonly partitions: number;
  /** How many brokers keep a copy of each record. */
  readonly replication: number;
  /** Its settings that differ from the cluster's: `retention.ms`. */
  readonly configs: Readonly<Record<string, string>>;
}

/** An event source mapping that reads a topic of Kafka. */
export interface KafkaMapping {
  /** A UUID, by which its failures are found in the on-failure bucket. */
  readonly id: string;
  readonly functionName: string;
  readonly clusterArn: string;
  readonly topic: string;
  /** The consumer group, which is the mapping's own. */
  readonly group: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Without it, one failed record fails its whole batch. */
  readonly reportsFailures: boolean;
  /** Whether a failed batch is cut in two halves. */
  readonly bisects: boolean;
  /** How often what cannot be cut any more is tried again; -1 for ever. */
  readonly maxRetries: number;
  /** Name of the bucket for what was given up; without it that is discarded. */
  readonly destination?: string | undefined;
  /** A record passes that matches one of them; without any all do. */
  readonly filters: readonly Pattern[];
  readonly isEnabled: boolean;
}

/** A custom resource: CloudFormation asks a function of the templates for it. */
export interface CustomResource {
  /** `Custom::TopicPartitions` */
  readonly type: string;
  readonly logicalId: string;
  readonly stackName: string;
  readonly functionArn: string;
  /** What CloudFormation hands on: all values are text. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface Api {
  readonly arn: string;
  readonly routes: readonly Route[];
  /** Requests a second, and how many at once above that. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  /** Whether metrics are told apart by route, too. */
  readonly hasDetailedMetrics: boolean;
}

export interface Route {
  /** `POST /v1/logins` */
  readonly key: string;
  readonly functionArn: string;
  readonly authorization:
    | { readonly type: 'NONE' }
    | { readonly type: 'AWS_IAM' }
    | { readonly type: 'JWT'; readonly issuer: string; readonly audience: readonly string[] };
}

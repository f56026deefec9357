/**
 * What the local run reads out of the synthesized templates, with every reference resolved: the same resources that
 * CloudFormation would make, as far as the local run carries them out.
 */
export interface Model {
  readonly queues: readonly Queue[];
  readonly topics: readonly Topic[];
  readonly subscriptions: readonly Subscription[];
  readonly tables: readonly Table[];
  readonly functions: readonly Function[];
  readonly eventSourceMappings: readonly EventSourceMapping[];
  readonly routes: readonly Route[];
}

export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** SQS attributes as the template sets them: `VisibilityTimeout`, `RedrivePolicy` (JSON), `MessageRetentionPeriod`… */
  readonly attributes: Readonly<Record<string, string>>;
  /** Resource policy statements; who may send to or read from the queue. */
  readonly policy: readonly PolicyDocument[];
}

export interface Topic {
  readonly name: string;
  readonly arn: string;
  readonly policy: readonly PolicyDocument[];
}

export interface Subscription {
  readonly topicArn: string;
  readonly queueArn: string;
  readonly rawMessageDelivery: boolean;
  readonly filterPolicy?: unknown;
  readonly filterPolicyScope?: 'MessageBody' | 'MessageAttributes';
  readonly deadLetterQueueArn?: string;
}

export interface Table {
  readonly name: string;
  readonly arn: string;
  /** Input of DynamoDB's CreateTable: key schema and attribute definitions. */
  readonly keySchema: readonly { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
  readonly attributeDefinitions: readonly { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[];
  readonly timeToLiveAttribute?: string;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: readonly unknown[];
}

export interface Function {
  /** Service and part, as the template names it: `login-logger-consumer`. */
  readonly name: string;
  readonly arn: string;
  /** Folder of the bundle in the cloud assembly. */
  readonly codePath: string;
  /** `index.handler`: file and export. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
  readonly reservedConcurrency?: number;
  readonly roleArn: string;
  /** Inline and managed policies of the role, merged. */
  readonly policies: readonly PolicyDocument[];
}

export interface EventSourceMapping {
  readonly functionName: string;
  readonly queueArn: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly maximumConcurrency?: number;
  readonly reportBatchItemFailures: boolean;
  readonly filters: readonly unknown[];
}

export interface Route {
  /** `POST /v1/logins` */
  readonly routeKey: string;
  readonly functionName: string;
  readonly authorization:
    | { readonly type: 'NONE' }
    | { readonly type: 'AWS_IAM' }
    | { readonly type: 'JWT'; readonly issuer: string; readonly audience: readonly string[]; readonly scopes: readonly string[] };
  /** Throttling of the stage or the route, requests a second and burst. */
  readonly throttle?: { readonly rate: number; readonly burst: number };
}

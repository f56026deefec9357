import type { Clock } from './clock.ts';
import type { Query } from './queries.ts';
import type { MetricStore } from './store.ts';
import type { MetricId } from './types.ts';

/** What AWS measures by itself, told by those parts of the local run that stand for it. */
export interface Measures {
  /** An invocation of a function ended. Counted when it ends; AWS counts it where it began. */
  invoked(functionName: string, invocation: { readonly milliseconds: number; readonly failed: boolean }): void;
  /** How many invocations of a function run, when one more begins. */
  running(functionName: string, count: number): void;
  /** A function was not invoked, because there was no concurrency left. */
  throttled(functionName: string): void;
  /** Events of an event source mapping, or how far it is behind. */
  mapping(id: string, metric: MappingMetric, value: number): void;
  /** A request to the HTTP API was answered. */
  requested(request: MeasuredRequest): void;
  /** Messages of a queue. */
  messages(queue: string, what: 'Sent' | 'Received' | 'Deleted', count: number): void;
  /** Capacity units of a table. */
  consumed(table: string, what: 'Read' | 'Write', units: number): void;
  /** A call to a table that was not carried out: there was no capacity, or DynamoDB failed. */
  refused(table: string, operation: string, what: 'ThrottledRequests' | 'SystemErrors'): void;
  /** Messages that were published to a topic, and how many bytes each had. */
  published(topic: string, sizes: readonly number[]): void;
  /** What became of messages at a topic's subscriptions. */
  notified(topic: string, what: NotificationMetric, count: number): void;
}

/** Times are in milliseconds. */
export interface MeasuredRequest {
  readonly api: string;
  /** `POST /v1/logins` */
  readonly route: string;
  /** Whether it is measured by route as well. */
  readonly isDetailed: boolean;
  readonly status: number;
  readonly latency: number;
  /** How long the function took, when it was called. */
  readonly integrationLatency: number | undefined;
}

export type MappingMetric = 'CommittedEventCount' | 'OnFailureDestinationDeliveredEventCount' | 'SumOffsetLag';
export type NotificationMetric = 'NumberOfNotificationsDelivered' | 'NumberOfNotificationsFailed' | 'NumberOfNotificationsRedrivenToDlq';

/** By namespace, the metrics of AWS that the local run measures. */
const measured: Readonly<Record<string, readonly string[]>> = {
  'AWS/Lambda': ['Invocations', 'Errors', 'Throttles', 'Duration', 'ConcurrentExecutions', 'CommittedEventCount', 'OnFailureDestinationDeliveredEventCount', 'SumOffsetLag'],
  'AWS/ApiGateway': ['Count', '4xx', '5xx', 'Latency', 'IntegrationLatency'],
  'AWS/SQS': [
    'ApproximateNumberOfMessagesVisible',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
    'ApproximateAgeOfOldestMessage',
    'NumberOfMessagesSent',
    'NumberOfMessagesReceived',
    'NumberOfMessagesDeleted',
  ],
  'AWS/DynamoDB': ['ConsumedReadCapacityUnits', 'ConsumedWriteCapacityUnits', 'ThrottledRequests', 'SystemErrors'],
  'AWS/SNS': ['NumberOfMessagesPublished', 'PublishSize', 'NumberOfNotificationsDelivered', 'NumberOfNotificationsFailed', 'NumberOfNotificationsRedrivenToDlq'],
};

/** What nobody can measure here, and why; it is as if it were never reported. */
const unmeasurable: Readonly<Record<string, string>> = {
  'AWS/Kafka KafkaDataLogsDiskUsed': 'the brokers are not those of MSK, and share a disk with everything else',
  'AWS/Lambda DestinationDeliveryFailures': 'the on-failure bucket is in the same database as everything else, and fails with it',
};

/** Refuses by name a metric of AWS that would stay without a value for no good reason. */
export function checkMeasured(queries: readonly Query[]): void {
  for (const { what } of queries) {
    if (!('metric' in what)) continue;
    const { namespace, name } = what.metric;
    const isKnown = !namespace.startsWith('AWS/') || measured[namespace]?.includes(name) || `${namespace} ${name}` in unmeasurable;
    if (!isKnown) throw new Error(`The local run does not measure ${name} of ${namespace}.`);
  }
}

/** Writes what AWS would measure into the store, now. */
export function measuresOf(store: Pick<MetricStore, 'add'>, clock: Pick<Clock, 'now'>): Measures {
  const put = (namespace: string, name: string, dimensions: MetricId['dimensions'], values: readonly number[], unit: string): void =>
    store.add({ namespace, name, dimensions }, clock.now(), values, unit);
  const lambda = (FunctionName: string, name: string, value: number, unit = 'Count'): void => {
    const all: MetricId['dimensions'][] = [{ FunctionName }, {}];
    for (const dimensions of all) put('AWS/Lambda', name, dimensions, [value], unit);
  };
  return {
    invoked: (name, { milliseconds, failed }) => {
      lambda(name, 'Invocations', 1);
      // Each invocation tells that it did not fail, or was not throttled, too.
      lambda(name, 'Errors', failed ? 1 : 0);
      lambda(name, 'Throttles', 0);
      lambda(name, 'Duration', milliseconds, 'Milliseconds');
    },
    running: (name, count) => lambda(name, 'ConcurrentExecutions', count),
    throttled: (name) => lambda(name, 'Throttles', 1),
    mapping: (EventSourceMappingUUID, name, value) => put('AWS/Lambda', name, { EventSourceMappingUUID }, [value], 'Count'),
    requested: ({ api: ApiId, route, isDetailed, status, latency, integrationLatency }) => {
      const [Method = '', Resource = ''] = route.split(' ');
      const Stage = '$default';
      const all: MetricId['dimensions'][] = [{ ApiId }, { ApiId, Stage }, ...(isDetailed ? [{ ApiId, Stage, Method, Resource }] : [])];
      for (const dimensions of all) {
        const one = (name: string, value: number, unit = 'Count') => put('AWS/ApiGateway', name, dimensions, [value], unit);
        one('Count', 1);
        one('4xx', status >= 400 && status < 500 ? 1 : 0);
        one('5xx', status >= 500 ? 1 : 0);
        one('Latency', latency, 'Milliseconds');
        if (integrationLatency !== undefined) one('IntegrationLatency', integrationLatency, 'Milliseconds');
      }
    },
    messages: (QueueName, what, count) => put('AWS/SQS', `NumberOfMessages${what}`, { QueueName }, [count], 'Count'),
    consumed: (TableName, what, units) => put('AWS/DynamoDB', `Consumed${what}CapacityUnits`, { TableName }, [units], 'Count'),
    refused: (TableName, Operation, what) => put('AWS/DynamoDB', what, { TableName, Operation }, [1], 'Count'),
    published: (TopicName, sizes) => {
      put('AWS/SNS', 'NumberOfMessagesPublished', { TopicName }, [sizes.length], 'Count');
      put('AWS/SNS', 'PublishSize', { TopicName }, sizes, 'Bytes');
    },
    notified: (TopicName, what, count) => put('AWS/SNS', what, { TopicName }, [count], 'Count'),
  };
}

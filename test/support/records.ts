import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import type { Publisher } from '../../lambdas/runtime/publisher.ts';
import { consumer, type ConsumerParts } from '../../lambdas/runtime/consumer.ts';
import { queueInbox } from '../../lambdas/runtime/sns/queue-inbox.ts';
import type { RecordQueue } from '../../lambdas/runtime/sns/record-queue.ts';
import type { SubscriptionTelemetry } from '../../lambdas/runtime/telemetry.ts';

/** An SQS record as Lambda hands it to a function. */
export function sqsRecord(messageId: string, body: string, receives = 1): SQSRecord {
  return {
    messageId,
    receiptHandle: `handle-${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '0',
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:test',
    awsRegion: 'us-east-1',
  };
}

/** A bus in memory that leaves unconfirmed what a test says. */
export function memoryBus(isDown: (event: CloudEvent) => boolean = () => false): Publisher & { published: CloudEvent[] } {
  const published: CloudEvent[] = [];
  return {
    published,
    publish: (events) => {
      published.push(...events.filter((event) => !isDown(event)));
      return Promise.resolve(new Map(events.filter(isDown).map((event) => [event, 'InternalError'])));
    },
  };
}

/** Telemetry that keeps what it was told. */
export interface MemoryTelemetry extends SubscriptionTelemetry {
  /** By metric, and by metric and value where it is told apart: `Verdicts`, `Verdicts login_abroad`. */
  readonly counts: Map<string, number>;
  readonly measures: Map<string, number[]>;
  readonly lines: string[];
}

export function memoryTelemetry(): MemoryTelemetry {
  const counts = new Map<string, number>();
  const measures = new Map<string, number[]>();
  const lines: string[] = [];
  const line = (message: string, fields?: object) => {
    lines.push(JSON.stringify([message, fields]));
  };
  return {
    counts,
    lines,
    measures,
    count: (metric, ...args) => {
      const [times = 1, ...value] = args as [times?: number, value?: string | null];
      for (const name of [metric, ...value.map((each) => `${metric} ${each ?? 'none'}`)]) counts.set(name, (counts.get(name) ?? 0) + times);
    },
    zero: (metric) => {
      counts.set(metric, counts.get(metric) ?? 0);
    },
    measure: (metric, value) => {
      measures.set(metric, [...(measures.get(metric) ?? []), value]);
    },
    info: line,
    warn: line,
    error: line,
    flush: () => undefined,
  };
}

/** A queue that parks all that it is to park. */
const parkingQueue: Pick<RecordQueue, 'park' | 'delay'> = { park: (records) => Promise.resolve(new Set(records.keys())), delay: () => Promise.resolve() };

/** A consumer behind a queue of SQS, whose invocations end far in the future. */
export function queueConsumer<S>(parts: Omit<ConsumerParts<S>, 'inbox'>, queue = parkingQueue): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const run = consumer({ ...parts, inbox: queueInbox(queue) });
  return (event) => run(event, new Date(8.64e15));
}

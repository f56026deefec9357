import { randomUUID } from 'node:crypto';
import type { MSKEvent, MSKRecord } from 'aws-lambda';
import type { KafkaMessage } from 'kafkajs';
import type { KafkaMapping } from '../model.ts';

/** A record of a partition, as a mapping holds it. */
export interface KafkaRecord {
  readonly offset: number;
  readonly message: KafkaMessage;
}

/** How Lambda names a partition. */
export const partitionName = (topic: string, partition: number): string => `${topic}-${partition}`;

/** The event of an invocation: https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html */
export function eventOf({ clusterArn, topic }: KafkaMapping, brokers: string, partition: number, records: readonly KafkaRecord[]): MSKEvent {
  return {
    eventSource: 'aws:kafka',
    eventSourceArn: clusterArn,
    bootstrapServers: brokers,
    records: { [partitionName(topic, partition)]: records.map((record) => recordOf(topic, partition, record)) },
  };
}

function recordOf(topic: string, partition: number, { offset, message }: KafkaRecord): MSKRecord {
  const headers = Object.entries(message.headers ?? {}).flatMap(([name, values]) =>
    [values ?? ''].flat().map((value) => ({ [name]: [...Buffer.from(value)] })),
  );
  return {
    topic,
    partition,
    offset,
    timestamp: Number(message.timestamp),
    timestampType: 'CREATE_TIME',
    // The types know no record without a key or value; Lambda hands both on as null.
    key: (message.key?.toString('base64') ?? null) as string,
    value: (message.value?.toString('base64') ?? null) as string,
    headers,
  };
}

/**
 * How many records, from the first on, a function's answer says are done. An identifier that is not of the batch fails it whole, as
 * on AWS.
 */
export function doneBy(answer: unknown, topic: string, partition: number, records: readonly KafkaRecord[]): number {
  const failures = (answer as { batchItemFailures?: { itemIdentifier?: { partition?: unknown; offset?: unknown } }[] } | null | undefined)?.batchItemFailures ?? [];
  const positions = failures.map(({ itemIdentifier }) =>
    itemIdentifier?.partition === partitionName(topic, partition) ? records.findIndex(({ offset }) => offset === itemIdentifier.offset) : -1,
  );
  return Math.max(0, Math.min(records.length, ...positions));
}

/** A batch that was given up, as it lies in the on-failure bucket: https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html */
export function failureOf({
  mapping,
  functionArn,
  event,
  tries,
  error,
  now,
}: {
  mapping: KafkaMapping;
  functionArn: string;
  event: MSKEvent;
  /** How often it was tried. */
  tries: number;
  /** Whether the function failed, rather than to report failures. */
  error: boolean;
  now: Date;
}): { key: string; content: string } {
  const payload = JSON.stringify(event);
  const batches = Object.entries(event.records);
  const time = now.toISOString();
  const [day = '', clock = ''] = time.slice(0, 19).split('T');
  const recordsInfo = Object.fromEntries(
    batches.map(([name, records]) => {
      const [first, last] = [records[0], records.at(-1)];
      const timeOf = (record: MSKRecord | undefined) => new Date(record?.timestamp ?? 0).toISOString();
      return [
        name,
        { firstRecordOffset: String(first?.offset), lastRecordOffset: String(last?.offset), firstRecordTimestamp: timeOf(first), lastRecordTimestamp: timeOf(last) },
      ];
    }),
  );
  const content = {
    requestContext: { requestId: randomUUID(), functionArn, condition: 'RetryAttemptsExhausted', approximateInvokeCount: tries },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: error ? 'Unhandled' : null },
    version: '1.0',
    timestamp: time,
    KafkaBatchInfo: {
      batchSize: batches.reduce((count, [, records]) => count + records.length, 0),
      eventSourceArn: event.eventSourceArn,
      bootstrapServers: event.bootstrapServers,
      payloadSize: Buffer.byteLength(payload),
      recordsInfo,
    },
    payload,
  };
  return {
    key: `aws/lambda/${mapping.id}/${day.replaceAll('-', '/')}/${day}T${clock.replaceAll(':', '.')}-${randomUUID()}`,
    content: JSON.stringify(content),
  };
}

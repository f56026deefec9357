import type { MSKEvent, MSKRecord } from 'aws-lambda';

/** A record of Kafka, with the mapping's name for its partition, `topic-0`, by which failures are reported. */
export interface KafkaRecord {
  readonly partition: string;
  readonly record: MSKRecord;
  /** Nothing for a tombstone. */
  readonly body: string | undefined;
}

/** The records of an event, partition by partition, each in its order. Headers are not ours, and not read. */
export const recordsOf = ({ records }: Pick<MSKEvent, 'records'>): KafkaRecord[] =>
  Object.entries(records).flatMap(([partition, list]) =>
    list.map((record) => ({ partition, record, body: record.value ? Buffer.from(record.value, 'base64').toString() : undefined })),
  );

/** What Lambda is answered: for each partition the first record that is not done, from where it goes on. */
export interface KafkaBatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: { readonly partition: string; readonly offset: number } }[];
}

/** Has each partition go on from its first record that is not done. */
export function goOnFrom(undone: Iterable<KafkaRecord>): KafkaBatchResponse {
  const first = new Map<string, number>();
  for (const { partition, record } of undone) first.set(partition, Math.min(record.offset, first.get(partition) ?? record.offset));
  return { batchItemFailures: [...first].map(([partition, offset]) => ({ itemIdentifier: { partition, offset } })) };
}

/** What logs call a record. */
export const nameOf = ({ record: { topic, partition, offset } }: KafkaRecord): string => `${topic}-${partition}@${offset}`;

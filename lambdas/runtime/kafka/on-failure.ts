import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { KafkaRecord } from './records.ts';

/** Where records go that can never be done. */
export interface OnFailure {
  /** Puts each record there whole, with its reason; twice is the same object. @returns those that lie there now */
  park(records: ReadonlyMap<KafkaRecord, string>): Promise<ReadonlySet<KafkaRecord>>;
}

/** Puts a record into a bucket, whole and with its reason, as `<prefix><topic>/<partition>/<offset>.json`. */
export const recordStore =
  (s3: Pick<S3Client, 'send'>, bucket: string, prefix: string) =>
  async ({ record }: KafkaRecord, reason: string): Promise<void> => {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `${prefix}${record.topic}/${record.partition}/${record.offset}.json`,
        ContentType: 'application/json',
        Body: JSON.stringify({ reason, record }),
      }),
    );
  };

/** The on-failure bucket of a service, or a subscription's part of it. */
export function onFailureBucket(s3: Pick<S3Client, 'send'>, bucket: string, prefix: string): OnFailure {
  const put = recordStore(s3, bucket, prefix);
  const park = async ([record, reason]: [KafkaRecord, string]): Promise<KafkaRecord[]> => {
    try {
      await put(record, reason);
      return [record];
    } catch {
      // What could not be parked is reported as failed, and tried again.
      return [];
    }
  };
  return { park: async (records) => new Set((await Promise.all([...records].map(park))).flat()) };
}

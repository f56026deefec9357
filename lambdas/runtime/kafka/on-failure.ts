import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { parkedKey } from '../../contracts/names.ts';
import type { KafkaRecord } from './records.ts';

/** Where records go that can never be done. */
export interface OnFailure {
  /** Puts each record there whole, with its reason; twice is the same object. @returns those that lie there now */
  park(records: ReadonlyMap<KafkaRecord, string>): Promise<ReadonlySet<KafkaRecord>>;
}

/** The service's on-failure bucket. */
export function onFailureBucket(s3: Pick<S3Client, 'send'>, bucket: string): OnFailure {
  const put = async ([each, reason]: [KafkaRecord, string]): Promise<KafkaRecord[]> => {
    const { record } = each;
    try {
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: parkedKey(record.topic, record.partition, record.offset),
          ContentType: 'application/json',
          Body: JSON.stringify({ reason, record }),
        }),
      );
      return [each];
    } catch {
      // What could not be parked is reported as failed, and tried again.
      return [];
    }
  };
  return { park: async (records) => new Set((await Promise.all([...records].map(put))).flat()) };
}

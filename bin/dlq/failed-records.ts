import type { MSKEvent, MSKRecord } from 'aws-lambda';
import { z } from 'zod';
import { recordsOf } from '../../lambdas/runtime/kafka/records.ts';

/** A record that could not be handled, and why. */
export interface FailedRecord {
  readonly record: MSKRecord;
  readonly reason: string;
}

/** Of a record this is ours to know; the rest goes back as it came. */
const mskRecord = z.custom<MSKRecord>((value) => z.object({ topic: z.string(), partition: z.int(), offset: z.int() }).safeParse(value).success);

/** What a function parks. */
const parked = z.object({ record: mskRecord, reason: z.string() });
/** What AWS Lambda gave up, with the event of the invocation as text: https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html */
const givenUp = z.object({ payload: z.string(), requestContext: z.object({ approximateInvokeCount: z.int() }) });
const batch = z.custom<MSKEvent>((value) => z.object({ records: z.record(z.string(), z.array(mskRecord)) }).safeParse(value).success);

/**
 * The records in an object of an on-failure bucket, be it a function's or AWS Lambda's.
 *
 * @throws when it is neither
 */
export function failedRecordsIn(text: string): FailedRecord[] {
  const content: unknown = JSON.parse(text);
  const one = parked.safeParse(content).data;
  if (one) return [one];
  const { payload, requestContext } = givenUp.parse(content);
  const reason = `tried ${requestContext.approximateInvokeCount} times, and given up by AWS Lambda`;
  return recordsOf(batch.parse(JSON.parse(payload))).map(({ record }) => ({ record, reason }));
}

/** Where a record was on the bus: `topic`, partition and offset. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** The folders and the name by which a record's object tells its place. */
export const placeName = ({ topic, partition, offset }: Place): string => `${topic}/${partition}/${offset}`;

/** The place that the key of a parked object tells, or nothing when it tells none. */
export function placeOf(key: string): Place | undefined {
  const [, topic, partition, offset] = /([^/]+)\/(\d+)\/(\d+)\.json$/.exec(key) ?? [];
  return topic === undefined ? undefined : { topic, partition: Number(partition), offset: Number(offset) };
}

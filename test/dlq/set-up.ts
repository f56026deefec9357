import { createHash } from 'node:crypto';
import { DeleteObjectCommand, type GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { MSKEvent, MSKRecord } from 'aws-lambda';
import { commandsOf, type Discarded } from '../../bin/dlq/commands.ts';
import type { Invoke } from '../../bin/dlq/lambda.ts';
import { type Objects, objectsOf } from '../../bin/dlq/objects.ts';
import { onKafka } from '../../bin/dlq/on-kafka.ts';
import { namesOf } from '../../lib/names.ts';
import { failureOf } from '../../local/kafka/records.ts';
import type { KafkaMapping } from '../../local/model.ts';

/** A clock that waiting moves. */
export interface Clock {
  now: number;
}

const pageSize = 3;

/** A bucket in memory that tells whole seconds, as S3 does, and lists some objects at a time. */
export function memoryBucket(clock: Clock) {
  const objects = new Map<string, { body: string; at: number }>();
  const facts = (key: string) => {
    const { body, at } = objects.get(key) as { body: string; at: number };
    return { ETag: `"${createHash('md5').update(body).digest('hex')}"`, LastModified: new Date(Math.floor(at / 1000) * 1000) };
  };
  const missing = (name: string) => Object.assign(new Error(name), { name });
  const answer = (command: unknown): object => {
    if (command instanceof PutObjectCommand) {
      objects.set(command.input.Key ?? '', { body: command.input.Body as string, at: clock.now });
      return {};
    }
    if (command instanceof ListObjectsV2Command) {
      const { Prefix = '', ContinuationToken: after = '' } = command.input;
      const keys = [...objects.keys()].filter((key) => key.startsWith(Prefix) && key > after).toSorted();
      const Contents = keys.slice(0, pageSize).map((Key) => ({ Key, Size: objects.get(Key)?.body.length, ...facts(Key) }));
      return { Contents, ...(keys.length > pageSize && { IsTruncated: true, NextContinuationToken: keys[pageSize - 1] }) };
    }
    const { Key: key = '' } = (command as GetObjectCommand).input;
    if (command instanceof DeleteObjectCommand) return { deleted: objects.delete(key) };
    if (!objects.has(key)) throw missing(command instanceof HeadObjectCommand ? 'NotFound' : 'NoSuchKey');
    return { ...facts(key), Body: { transformToString: () => Promise.resolve(objects.get(key)?.body) } };
  };
  const send = (command: unknown) => new Promise((resolve) => resolve(answer(command)));
  return { s3: Object.assign(new S3Client({ region: 'us-east-1' }), { send }) as S3Client, keys: () => [...objects.keys()].toSorted() };
}

export type MemoryBucket = ReturnType<typeof memoryBucket>;

export const topic = 'loginward-dev-bus-password-changed';

/** A record of Kafka as Lambda hands it over. */
export const recordOf = (partition: number, offset: number, account: string, value: string): MSKRecord => ({
  topic,
  partition,
  offset,
  timestamp: 0,
  timestampType: 'CREATE_TIME',
  key: Buffer.from(account).toString('base64'),
  value: Buffer.from(value).toString('base64'),
  headers: [],
});

/** Puts a batch into a bucket as an event source mapping does that gave it up, in the shape of the local run's. */
export async function giveUp({ s3 }: MemoryBucket, records: readonly MSKRecord[], now: Date): Promise<string> {
  const event: MSKEvent = {
    eventSource: 'aws:kafka',
    eventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/test/1',
    bootstrapServers: 'b-1:9098',
    records: Object.groupBy(records, (each) => `${each.topic}-${each.partition}`) as MSKEvent['records'],
  };
  const { key, content } = failureOf({ mapping: { id: 'mapping-1' } as KafkaMapping, functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:x', event, tries: 11, error: false, now });
  await s3.send(new PutObjectCommand({ Bucket: 'b', Key: key, Body: content }));
  return key;
}

/** The command on Kafka, over buckets and functions in memory, with what it said. */
export function commandOn(clock: Clock, { onFailure = {}, bridge = memoryBucket(clock), invoke }: { onFailure?: Readonly<Record<string, MemoryBucket>>; bridge?: MemoryBucket; invoke: Invoke }) {
  const said: string[] = [];
  const objects = (bucket: MemoryBucket): Objects => objectsOf(bucket.s3, 'b');
  const progress: string[] = [];
  const kept: Discarded[] = [];
  const now = () => new Date(clock.now);
  const undelivered = onKafka({
    names: namesOf({ env: 'dev' }),
    onFailure: new Map(Object.entries(onFailure).map(([service, bucket]) => [service, objects(bucket)])),
    bridge: objects(bridge),
    mustDeliver: (subscription) => {
      if (subscription === 'paused') throw new Error('paused is paused');
    },
    invoke,
    now,
    sleep: (milliseconds) => {
      clock.now += milliseconds;
      return Promise.resolve();
    },
    progress: (done, all) => void progress.push(`${done} of ${all}`),
  });
  const keep = (discarded: Discarded): string => {
    kept.push(discarded);
    return 'the record';
  };
  const command = commandsOf({ undelivered, env: 'dev', now, say: (line) => void said.push(line), confirm: () => Promise.resolve(true), keep });
  return { command, said, progress, kept };
}

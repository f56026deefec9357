import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { backlogPrefix, expiredPrefix } from '../contracts/names.ts';
import { didWrite } from '../runtime/tables.ts';
import type { Backlog, HeldBatch } from './backlog.ts';
import { type Breaker, type Breakers, closedBreaker } from './breaker.ts';

/** The breaker of a subscription over the table `breakers`, one item a subscription. */
export function breakerStore(tables: DynamoDBDocumentClient, table: string, subscription: string): Breakers {
  return {
    read: async () => {
      const { Item } = await tables.send(new GetCommand({ TableName: table, Key: { subscription }, ConsistentRead: true }));
      return (Item as Breaker | undefined) ?? closedBreaker;
    },
    replace: ({ revision }, next) =>
      didWrite(
        tables.send(
          new PutCommand({
            TableName: table,
            Item: { ...next, subscription, revision: revision + 1 },
            ConditionExpression: revision === 0 ? 'attribute_not_exists(subscription)' : 'revision = :revision',
            ...(revision > 0 && { ExpressionAttributeValues: { ':revision': revision } }),
          }),
        ),
      ),
  };
}

const batchContent = z.array(z.object({ body: z.string(), heldSince: z.string(), refusals: z.number() }));

/** The backlog of a subscription over a bucket: an object for some events at once, named by the time since when they wait. */
export function backlogStore(s3: S3Client, bucket: string, subscription: string): Backlog {
  const prefix = backlogPrefix(subscription);
  const put = (key: string, content: string) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content, ContentType: 'application/json' }));
  const get = async ({ key }: HeldBatch): Promise<string | undefined> => {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return await Body?.transformToString();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  };
  const remove = async ({ key }: HeldBatch): Promise<void> => {
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  };
  return {
    put: async (events) => {
      // Those of one object are put aside together, so they must have waited equally long, to the hour.
      const byHour = Map.groupBy(events, ({ heldSince }) => heldSince.slice(0, 13));
      await Promise.all(
        [...byHour.values()].map((group) => {
          const oldest = group.map(({ heldSince }) => heldSince).toSorted()[0] ?? '';
          return put(`${prefix}${oldest}_${randomUUID()}.json`, JSON.stringify(group));
        }),
      );
    },
    list: async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      return Contents.flatMap(({ Key: key }) => (key === undefined ? [] : [{ key, heldSince: key.slice(prefix.length).split('_')[0] ?? '' }]));
    },
    read: async (batch) => {
      const text = await get(batch);
      return text === undefined ? undefined : batchContent.parse(JSON.parse(text));
    },
    remove,
    expire: async (batch) => {
      const text = await get(batch);
      if (text === undefined) return;
      await put(`${expiredPrefix(subscription)}${batch.key.slice(prefix.length)}`, text);
      await remove(batch);
    },
  };
}

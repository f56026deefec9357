import { createHash } from 'node:crypto';
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { chunks } from './chunks.ts';
import { ComeBackError } from './failures.ts';
import { type Item, queryItems } from './tables.ts';

/** How long what still arrives for an erased account is dropped, in days: longer than any queue or dead-letter queue keeps an event. */
export const tombstoneDays = 30;

/** Items that one invocation drops at most, and how many at once: a partition of DynamoDB takes 1,000 writes a second. */
const mostDropped = 4000;
const atOnce = 50;

/** Forgets accounts, and keeps them forgotten while events of theirs may still be on the way. */
export interface Erasure {
  /**
   * Leaves a hashed tombstone for 30 days from the erasure on, and drops all that a service holds about an account.
   *
   * @returns how many items were dropped, all tries together
   * @throws ComeBackError when there is more than one invocation can drop
   */
  erase(accountId: string, erasedAt: string): Promise<number>;
  /** Drops what an event has brought back that was on its way. */
  drop(accountId: string): Promise<void>;
  /** Whether an account was erased in the last 30 days. Strongly consistent. */
  isErased(accountId: string): Promise<boolean>;
}

/** A table whose partition key is `accountId`, and its sort key. */
export interface AccountTable {
  readonly table: string;
  readonly sortKey?: string;
  /** Sort key of an item that is read with every event anyway, under the hashed account, and that can be the tombstone. */
  readonly tombstone?: string;
}

/** The partition key that stands for an account whose id may not be kept in clear. */
export const hashedAccount = (accountId: string): string => `#${createHash('sha256').update(accountId).digest('hex')}`;

/**
 * Erasure over the tables of a service. The tombstone is an item of the first. It is written before anything is dropped, and every
 * consumer looks for it after it has written: whichever comes later drops what the other has left.
 *
 * @param dropElsewhere drops what lies under other keys than the account's, and says how many items that was
 */
export function erasureOf(
  tables: DynamoDBDocumentClient,
  [first, ...rest]: readonly [AccountTable, ...AccountTable[]],
  now: () => Date,
  dropElsewhere: (accountId: string) => Promise<number> = () => Promise.resolve(0),
): Erasure {
  const tombstone = (accountId: string): Item => ({
    accountId: hashedAccount(accountId),
    ...(first.sortKey !== undefined && { [first.sortKey]: first.tombstone ?? '~erased' }),
  });

  const dropFrom = async (accountId: string, { table, sortKey }: AccountTable, most: number): Promise<number> => {
    const items = await queryItems(
      tables,
      {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'accountId = :account',
        ExpressionAttributeValues: { ':account': accountId },
        ProjectionExpression: ['accountId', ...(sortKey === undefined ? [] : ['#sort'])].join(', '),
        ExpressionAttributeNames: sortKey === undefined ? undefined : { '#sort': sortKey },
      },
      most,
    );
    for (const some of chunks(items, atOnce)) await Promise.all(some.map((Key) => tables.send(new DeleteCommand({ TableName: table, Key }))));
    return items.length;
  };

  const dropAll = async (accountId: string): Promise<number> => {
    let dropped = 0;
    for (const table of [first, ...rest]) dropped += await dropFrom(accountId, table, mostDropped - dropped);
    return dropped + (await dropElsewhere(accountId));
  };

  return {
    isErased: async (accountId) => {
      const { Item: item } = await tables.send(new GetCommand({ TableName: first.table, Key: tombstone(accountId), ConsistentRead: true }));
      return isTombstone(item, now());
    },

    erase: async (accountId, erasedAt) => {
      const mark = (dropped: number) =>
        tables.send(
          new UpdateCommand({
            TableName: first.table,
            Key: tombstone(accountId),
            UpdateExpression: 'SET erasedUntil = :end, expiresAt = :end ADD dropped :dropped',
            ExpressionAttributeValues: { ':end': Math.floor(Date.parse(erasedAt) / 1000) + tombstoneDays * 86_400, ':dropped': dropped },
            ReturnValues: 'ALL_NEW',
          }),
        );
      await mark(0);
      const dropped = await dropAll(accountId);
      const { Attributes } = await mark(dropped);
      if (dropped >= mostDropped) throw new ComeBackError('more to drop', 1);
      return Number(Attributes?.['dropped'] ?? dropped);
    },

    drop: async (accountId) => {
      await dropAll(accountId);
    },
  };
}

/** Whether an item is the tombstone of an account whose days are not over; DynamoDB deletes it later. */
export const isTombstone = (item: Item | undefined, now: Date): boolean => Number(item?.['erasedUntil'] ?? 0) * 1000 > now.getTime();

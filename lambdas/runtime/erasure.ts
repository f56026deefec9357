import { createHash } from 'node:crypto';
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type Item, queryItems } from './tables.ts';

/** How long what still arrives for an erased account is dropped, in days: longer than any queue or dead-letter queue keeps an event. */
export const tombstoneDays = 30;

/** Forgets accounts, and keeps them forgotten while events of theirs may still be on the way. */
export interface Erasure {
  /**
   * Drops all that a service holds about an account, and leaves a hashed tombstone.
   *
   * @returns how many items were dropped
   */
  erase(accountId: string): Promise<number>;
  /** Whether an account was erased in the last days. Strongly consistent. */
  isErased(accountId: string): Promise<boolean>;
}

/** A table whose partition key is `accountId`, and its sort key. */
export interface AccountTable {
  readonly table: string;
  readonly sortKey?: string;
}

/** The partition key that stands for an account whose id may not be kept in clear. */
export const hashedAccount = (accountId: string): string => `#${createHash('sha256').update(accountId).digest('hex')}`;

/**
 * Erasure over the tables of a service. The tombstone is an item of the first. It is written before anything is dropped, and every
 * consumer looks for it after it has written: whichever comes later drops what the other has left.
 */
export function erasureOf(tables: DynamoDBDocumentClient, [first, ...rest]: readonly [AccountTable, ...AccountTable[]], now: () => Date): Erasure {
  const tombstone = (accountId: string): Item => ({
    accountId: hashedAccount(accountId),
    ...(first.sortKey !== undefined && { [first.sortKey]: '~erased' }),
  });

  const drop = async (accountId: string, { table, sortKey }: AccountTable): Promise<number> => {
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
      Number.POSITIVE_INFINITY,
    );
    for (const Key of items) await tables.send(new DeleteCommand({ TableName: table, Key }));
    return items.length;
  };

  return {
    isErased: async (accountId) =>
      (await tables.send(new GetCommand({ TableName: first.table, Key: tombstone(accountId), ConsistentRead: true }))).Item !== undefined,

    erase: async (accountId) => {
      const expiresAt = Math.floor(now().getTime() / 1000) + tombstoneDays * 86_400;
      await tables.send(new PutCommand({ TableName: first.table, Item: { ...tombstone(accountId), expiresAt } }));
      let items = 0;
      for (const table of [first, ...rest]) items += await drop(accountId, table);
      return items;
    },
  };
}

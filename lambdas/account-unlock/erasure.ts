import { DeleteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Erasure, erasureOf } from '../runtime/erasure.ts';
import type { AccountLimit } from './limit-store.ts';

/** The names of the tables that hold something of an account. */
export interface TableNames {
  readonly challenges: string;
  readonly accounts: string;
  readonly contacts: string;
}

/**
 * Forgets accounts with their challenges, which have keys of their own and are found through the account's limit. The tombstone
 * stands before that is read: whoever makes a challenge meanwhile looks for it, and drops the challenge again.
 */
export function challengeErasure(tables: DynamoDBDocumentClient, names: TableNames, limit: AccountLimit, now: () => Date): Erasure {
  const drop = async (challenge: string): Promise<number> => {
    const { Attributes } = await tables.send(
      new DeleteCommand({ TableName: names.challenges, Key: { challenge }, ReturnValues: 'ALL_OLD' }),
    );
    return Attributes ? 1 : 0;
  };
  return erasureOf(tables, [{ table: names.accounts }, { table: names.contacts, sortKey: 'since' }], now, async (accountId) => {
    let items = 0;
    for (const challenge of await limit.challengesOf(accountId)) items += await drop(challenge);
    return items + (await limit.forget(accountId));
  });
}

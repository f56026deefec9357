import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { keepLatest } from '../runtime/tables.ts';
import type { AccountFacts, Facts } from './facts.ts';

/** The facts over the table `account-facts`, one item an account. */
export function factsStore(tables: DynamoDBDocumentClient, table: string): AccountFacts {
  const keep = (accountId: string, name: string, moment: string | undefined, more?: Readonly<Record<string, unknown>>) =>
    moment === undefined ? Promise.resolve() : keepLatest(tables, { table, key: { accountId }, name, moment, more });
  return {
    find: async (accountId) =>
      ((await tables.send(new GetCommand({ TableName: table, Key: { accountId }, ConsistentRead: true }))).Item ?? {}) as Facts,
    keepTimeZone: (accountId, timeZone, since) => keep(accountId, 'timeZoneSince', since, { timeZone: timeZone ?? null }),
    keepProof: (accountId, verifiedAt) => keep(accountId, 'provenAt', verifiedAt),
    keepStanding: async (accountId, { lockedAt, unlockedAt }) => {
      await keep(accountId, 'lockedAt', lockedAt);
      await keep(accountId, 'unlockedAt', unlockedAt);
    },
  };
}

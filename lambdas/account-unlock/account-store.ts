import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { keepLatest } from '../runtime/tables.ts';
import type { Accounts, KnownStanding } from './accounts.ts';

/** The standings over the table `challenge-accounts`. */
export function accountStore(tables: DynamoDBDocumentClient, table: string): Accounts {
  return {
    keep: async (accountId, { lockedAt, unlockedAt, loginId }) => {
      const latest = { table, key: { accountId } };
      if (lockedAt !== undefined) await keepLatest(tables, { ...latest, name: 'lockedAt', moment: lockedAt, more: { loginId: loginId ?? null } });
      if (unlockedAt !== undefined) await keepLatest(tables, { ...latest, name: 'unlockedAt', moment: unlockedAt });
    },

    standing: async (accountId) => {
      const { Item } = await tables.send(new GetCommand({ TableName: table, Key: { accountId }, ConsistentRead: true }));
      return (Item ?? {}) as KnownStanding;
    },
  };
}

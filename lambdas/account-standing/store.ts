import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { didWrite } from '../runtime/tables.ts';
import { type Account, newAccount } from './account.ts';
import type { Standings } from './standings.ts';

/** An account as it lies in the table: with a number that counts up with every write. */
interface Item extends Account {
  readonly revision: number;
}

/** The standings over the table `standings`, one item an account. */
export function standingStore(tables: DynamoDBDocumentClient, table: string): Standings {
  const read = async (accountId: string): Promise<Item | undefined> =>
    (await tables.send(new GetCommand({ TableName: table, Key: { accountId }, ConsistentRead: true }))).Item as Item | undefined;
  return {
    find: async (accountId) => (await read(accountId)) ?? newAccount,

    change: async (accountId, make) => {
      for (;;) {
        const item = await read(accountId);
        const before: Account = item ?? newAccount;
        const after = await make(before);
        if (after === before) return before;
        const put = new PutCommand({
          TableName: table,
          Item: { ...after, accountId, revision: (item?.revision ?? 0) + 1 },
          ConditionExpression: item ? 'revision = :revision' : 'attribute_not_exists(accountId)',
          ...(item && { ExpressionAttributeValues: { ':revision': item.revision } }),
        });
        if (await didWrite(tables.send(put))) return after;
      }
    },

    admitLock: (hour, limit) =>
      didWrite(
        tables.send(
          new UpdateCommand({
            TableName: table,
            // No account can have this id.
            Key: { accountId: `~locks#${hour}` },
            UpdateExpression: 'ADD admitted :one SET expiresAt = :end',
            ConditionExpression: 'attribute_not_exists(admitted) OR admitted < :limit',
            ExpressionAttributeValues: { ':one': 1, ':limit': limit, ':end': Math.floor(Date.parse(`${hour}:00:00Z`) / 1000) + 2 * 86_400 },
          }),
        ),
      ),
  };
}

import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { didWrite, type Item } from '../runtime/tables.ts';
import type { Accounts, KnownStanding } from './accounts.ts';

/** The standings over the table `challenge-accounts`. Moments are kept in UTC, so that they order as text. */
export function accountStore(tables: DynamoDBDocumentClient, table: string): Accounts {
  const keepLater = (accountId: string, attribute: 'lockedAt' | 'unlockedAt', moment: string, alsoChange: string, values: Item) =>
    didWrite(
      tables.send(
        new UpdateCommand({
          TableName: table,
          Key: { accountId },
          UpdateExpression: `SET ${attribute} = :moment${alsoChange}`,
          ConditionExpression: `attribute_not_exists(${attribute}) OR ${attribute} < :moment`,
          ExpressionAttributeValues: { ':moment': new Date(moment).toISOString(), ...values },
        }),
      ),
    );

  return {
    keep: async (accountId, { lockedAt, unlockedAt, loginId }) => {
      if (lockedAt !== undefined) {
        const [alsoChange, values] = loginId === undefined ? [' REMOVE loginId', {}] : [', loginId = :login', { ':login': loginId }];
        await keepLater(accountId, 'lockedAt', lockedAt, alsoChange, values);
      }
      if (unlockedAt !== undefined) await keepLater(accountId, 'unlockedAt', unlockedAt, '', {});
    },

    standing: async (accountId) => {
      const { Item } = await tables.send(new GetCommand({ TableName: table, Key: { accountId }, ConsistentRead: true }));
      return (Item ?? {}) as KnownStanding;
    },
  };
}

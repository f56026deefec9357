import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { EventData } from '../contracts/events.ts';
import { didWrite, queryItems } from './tables.ts';

/** An account's contact, in force since its event's `time`. */
export interface Contact extends EventData<'contact.changed'> {
  readonly since: string;
}

/** A service's own copy of contacts. */
export interface Contacts {
  /**
   * Keeps a contact whole; of two the later `since` wins, whatever order they arrive in, and of two with the same the first. The ones
   * before stay for some days after another took their place.
   */
  keep(accountId: string, contact: Contact): Promise<void>;
  /** All that are kept, newest first, strongly consistent. */
  versions(accountId: string): Promise<Contact[]>;
}

const day = 86_400;

/**
 * The contacts over a table with the keys `accountId` and `since`, one item for each time that a contact changed.
 *
 * @param supersededDays how long a contact is kept after the next took its place
 */
export function contactStore(tables: DynamoDBDocumentClient, table: string, supersededDays: number): Contacts {
  const versions = (accountId: string) =>
    queryItems<Contact & { expiresAt?: number } & Record<string, unknown>>(
      tables,
      {
        TableName: table,
        ConsistentRead: true,
        ScanIndexForward: false,
        KeyConditionExpression: 'accountId = :account',
        ExpressionAttributeValues: { ':account': accountId },
      },
      Number.POSITIVE_INFINITY,
    );
  return {
    versions,
    keep: async (accountId, contact) => {
      await didWrite(
        tables.send(
          new PutCommand({ TableName: table, Item: { ...contact, accountId }, ConditionExpression: 'attribute_not_exists(accountId)' }),
        ),
      );
      const all = await versions(accountId);
      await Promise.all(
        all.slice(1).map(async ({ since, expiresAt }, index) => {
          const end = Math.floor(Date.parse(all[index]?.since ?? since) / 1000) + supersededDays * day;
          if (expiresAt === end) return;
          await tables.send(
            new UpdateCommand({
              TableName: table,
              Key: { accountId, since },
              UpdateExpression: 'SET expiresAt = :end',
              ExpressionAttributeValues: { ':end': end },
            }),
          );
        }),
      );
    },
  };
}

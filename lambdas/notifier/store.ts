import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { retentionDays } from '../contracts/http.ts';
import { didWrite, queryItems } from '../runtime/tables.ts';
import type { Contact, Contacts } from './contacts.ts';
import type { Sending, SentLog } from './sent-log.ts';

/** The contacts over the table `contacts`, one item for each time that it changed. */
export function contactStore(tables: DynamoDBDocumentClient, table: string): Contacts {
  return {
    keep: async (accountId, contact) => {
      await tables.send(new PutCommand({ TableName: table, Item: { ...contact, accountId } }));
    },
    current: async (accountId) => {
      const [newest] = await queryItems<Contact & Record<string, unknown>>(
        tables,
        {
          TableName: table,
          ScanIndexForward: false,
          KeyConditionExpression: 'accountId = :account',
          ExpressionAttributeValues: { ':account': accountId },
          Limit: 1,
        },
        1,
      );
      return newest;
    },
  };
}

/** The log over the table `sent-log`. */
export function sentLogStore(tables: DynamoDBDocumentClient, table: string, now: () => Date): SentLog {
  const expiresAt = () => Math.floor(now().getTime() / 1000) + (retentionDays + 1) * 86_400;
  return {
    find: async (accountId, actionId) => {
      const { Item } = await tables.send(new GetCommand({ TableName: table, Key: { accountId, actionId }, ConsistentRead: true }));
      if (Item?.['state'] !== 'ended') return Item as Sending | undefined;
      return { state: 'ended', outcome: Item['outcome'], detail: Item['detail'] ?? undefined };
    },

    claim: (accountId, actionId, claim, found) =>
      didWrite(
        tables.send(
          new PutCommand({
            TableName: table,
            Item: { ...claim, accountId, actionId, expiresAt: expiresAt() },
            ...(found?.state === 'claimed'
              ? {
                  ConditionExpression: '#state = :claimed AND leaseUntil = :lease AND attempts = :attempts',
                  ExpressionAttributeNames: { '#state': 'state' },
                  ExpressionAttributeValues: { ':claimed': 'claimed', ':lease': found.leaseUntil, ':attempts': found.attempts },
                }
              : { ConditionExpression: 'attribute_not_exists(accountId)' }),
          }),
        ),
      ),

    end: async (accountId, actionId, outcome, detail) => {
      await tables.send(
        new UpdateCommand({
          TableName: table,
          Key: { accountId, actionId },
          UpdateExpression: 'SET #state = :ended, outcome = :outcome, detail = :detail, expiresAt = :expiresAt REMOVE leaseUntil',
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: {
            ':ended': 'ended',
            ':outcome': outcome,
            ':detail': detail ?? null,
            ':expiresAt': expiresAt(),
          },
        }),
      );
    },
  };
}

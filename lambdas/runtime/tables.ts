import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { clientDefaults } from './environment.ts';

/** A client for plain JavaScript values; what is undefined is left out. */
export function tablesClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(clientDefaults), { marshallOptions: { removeUndefinedValues: true } });
}

/** Any item of a table. */
export type Item = Record<string, unknown>;

/**
 * The condition under which an action's outcome may be kept: the first stays, in whatever order they come, but `no_contact` gives
 * way, because the notice goes out when the contact comes.
 */
export const replacesOutcome = {
  ConditionExpression: 'attribute_not_exists(accountId) OR outcome = :noContact',
  ExpressionAttributeValues: { ':noContact': 'no_contact' },
} as const;

/** Whether a conditional write was done; any other error stays one. */
export async function didWrite(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/**
 * The first `count` items of a query, page after page, as its filter lets through; fewer when there are no more. Only the first page
 * is as small as `Limit` says: who has to look further reads as much at once as DynamoDB gives.
 */
export async function queryItems<T extends Item>(
  tables: DynamoDBDocumentClient,
  input: QueryCommandInput,
  count: number,
): Promise<T[]> {
  const items: T[] = [];
  let start: Item | undefined;
  do {
    const page = await tables.send(new QueryCommand(start ? { ...input, Limit: undefined, ExclusiveStartKey: start } : input));
    items.push(...((page.Items ?? []) as T[]));
    start = page.LastEvaluatedKey;
  } while (start && items.length < count);
  return items.slice(0, count);
}

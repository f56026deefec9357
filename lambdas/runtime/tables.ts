import { setTimeout as delay } from 'node:timers/promises';
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, QueryCommand, type QueryCommandInput, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { retentionDays } from '../contracts/window.ts';
import { chunks } from './chunks.ts';
import { clientDefaults } from './environment.ts';

/** A client for plain JavaScript values; what is undefined is left out. */
export function tablesClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(clientDefaults), { marshallOptions: { removeUndefinedValues: true } });
}

/** When DynamoDB may drop what belongs to a moment, in epoch seconds: a day after the history stops showing it. */
export const expiryOf = (moment: string): number => Math.floor(Date.parse(moment) / 1000) + (retentionDays + 1) * 86_400;

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

/** A moment of an item that only grows, and what is set beside it. */
export interface Latest {
  readonly table: string;
  readonly key: Item;
  readonly name: string;
  /** RFC 3339. */
  readonly moment: string;
  readonly more?: Readonly<Record<string, unknown>> | undefined;
}

/** Sets a moment of an item, unless a later one stands there: whatever order they come in, the latest stays. */
export async function keepLatest(tables: DynamoDBDocumentClient, { table, key, name, moment, more = {} }: Latest): Promise<void> {
  // In UTC with milliseconds texts order as moments do.
  const fields = Object.entries({ ...more, [name]: new Date(moment).toISOString() });
  await didWrite(
    tables.send(
      new UpdateCommand({
        TableName: table,
        Key: key,
        UpdateExpression: `SET ${fields.map((_, index) => `#${index} = :${index}`).join(', ')}`,
        ConditionExpression: `attribute_not_exists(#${fields.length - 1}) OR #${fields.length - 1} < :${fields.length - 1}`,
        ExpressionAttributeNames: Object.fromEntries(fields.map(([field], index) => [`#${index}`, field])),
        ExpressionAttributeValues: Object.fromEntries(fields.map(([, value], index) => [`:${index}`, value])),
      }),
    ),
  );
}

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

/** DynamoDB reads at most so many items in one `BatchGetItem`. */
export const maxGetItems = 100;
/** How often what DynamoDB left out of its answer is asked for again, and how long that waits for the first time, in milliseconds. */
const getAttempts = 5;
const firstPause = 20;

/**
 * The items of some keys, which differ from each other, in any order; a key without an item has none.
 *
 * @param isConsistent whether the reads are strongly consistent, at twice the price
 * @throws an error named `ThrottlingException` when DynamoDB left some out time after time
 */
export async function getItems(tables: DynamoDBDocumentClient, table: string, keys: readonly Item[], isConsistent = false): Promise<Item[]> {
  const get = async (some: readonly Item[]): Promise<Item[]> => {
    const items: Item[] = [];
    let open: Item[] = [...some];
    for (let attempt = 0; open.length > 0; attempt += 1) {
      if (attempt === getAttempts) throw Object.assign(new Error(`${open.length} items were left out.`), { name: 'ThrottlingException' });
      if (attempt > 0) await delay(firstPause * 2 ** (attempt - 1));
      const { Responses, UnprocessedKeys } = await tables.send(new BatchGetCommand({ RequestItems: { [table]: { Keys: open, ConsistentRead: isConsistent } } }));
      items.push(...(Responses?.[table] ?? []));
      open = UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return items;
  };
  return (await Promise.all(chunks(keys, maxGetItems).map(get))).flat();
}

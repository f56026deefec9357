import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type HistoryItem, historyItem } from '../contracts/answers.ts';
import type { EventData } from '../contracts/events.ts';
import type { LocatedLogin } from '../contracts/verdict.ts';
import { getItems, type Item, queryItems } from '../runtime/tables.ts';
import type { HistoryReader } from './history.ts';
import { attributes, standingLoginOf } from './item.ts';
import { keys, oldestShown } from './keys.ts';

type Verdict = Pick<EventData<'verdict.decided'>, 'triggers' | 'responses' | 'actions'>;

/** A row of the history: a login, or the count of a flood of failures. */
type Row = Item & {
  entry: string;
  verdict?: Verdict;
  counted?: Set<string>;
  firstCounted?: LocatedLogin;
  confirmedAt?: string;
};

/** Reads the table `login-history` for players and support. */
export function historyReader(tables: DynamoDBDocumentClient, table: string, now: () => Date): HistoryReader {
  return {
    page: async (accountId, limit, before) => {
      // Time to live deletes days late; what the history shows ends to the moment.
      const from = keys.from(oldestShown(now()));
      const to = before === undefined ? keys.end : keys.before(before);
      // The place that a cursor names may have left the history meanwhile.
      if (to < from) return { items: [], last: null };
      const rows = await queryItems<Row>(
        tables,
        {
          TableName: table,
          ScanIndexForward: false,
          KeyConditionExpression: 'accountId = :account AND entry BETWEEN :from AND :to',
          FilterExpression: 'attribute_exists(#ip) OR attribute_exists(counted)',
          ExpressionAttributeNames: { '#ip': attributes.address },
          ExpressionAttributeValues: {
            ':account': accountId,
            ':from': from,
            ':to': to,
          },
          Limit: limit + 1,
        },
        limit + 1,
      );
      const page = rows.slice(0, limit);
      const outcomes = await outcomesOf(tables, table, accountId, page);
      return { items: page.map((row) => shown(row, outcomes)), last: rows.length > limit ? (page.at(-1)?.entry ?? null) : null };
    },
  };
}

async function outcomesOf(tables: DynamoDBDocumentClient, table: string, accountId: string, rows: readonly Row[]): Promise<Map<string, string>> {
  const actionIds = [...new Set(rows.flatMap(({ verdict }) => verdict?.actions.map(({ actionId }) => actionId) ?? []))];
  const items = await getItems(tables, table, actionIds.map((actionId) => ({ accountId, entry: keys.action(actionId) })));
  return new Map(items.map(({ entry, outcome }) => [String(entry), String(outcome)]));
}

function shown(row: Row, outcomes: ReadonlyMap<string, string>): HistoryItem {
  const { entry, counted, firstCounted, verdict, confirmedAt } = row;
  const login = counted ? { ...firstCounted, count: counted.size } : { ...standingLoginOf(row), ...(confirmedAt !== undefined && { confirmedAt }) };
  return historyItem.parse({
    ...login,
    id: entry,
    ...(verdict && {
      verdict: {
        triggers: verdict.triggers,
        responses: verdict.responses,
        actions: verdict.actions.map(({ actionId, response }) => ({ response, outcome: outcomes.get(keys.action(actionId)) })),
      },
    }),
  });
}

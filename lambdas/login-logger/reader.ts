import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type HistoryItem, historyItem } from '../contracts/http.ts';
import type { EventData } from '../contracts/events.ts';
import type { LocatedLogin } from '../contracts/verdict.ts';
import { queryItems } from '../runtime/tables.ts';
import type { HistoryReader } from './history.ts';
import { keys, oldestShown } from './keys.ts';

type Verdict = Pick<EventData<'verdict.decided'>, 'triggers' | 'responses' | 'actions'>;

/** A row of the history: a login, or the count of a flood of failures. */
type Row = Partial<LocatedLogin> & {
  entry: string;
  verdict?: Verdict;
  counted?: Set<string>;
  firstCounted?: LocatedLogin;
  disputedAt?: string;
  confirmedAt?: string;
};

/** DynamoDB reads at most 100 items in one `BatchGetItem`. */
const batchGetItems = 100;

/** Reads the table `login-history` for players and support. */
export function historyReader(tables: DynamoDBDocumentClient, table: string, now: () => Date): HistoryReader {
  return {
    page: async (accountId, limit, before) => {
      // Time to live deletes days late; what the history shows ends to the moment.
      const from = keys.from(oldestShown(now()));
      const to = before === undefined ? keys.end : justBefore(before);
      // The place that a cursor names may have left the history meanwhile.
      if (to < from) return { items: [], last: null };
      const rows = await queryItems<Row>(
        tables,
        {
          TableName: table,
          ScanIndexForward: false,
          KeyConditionExpression: 'accountId = :account AND entry BETWEEN :from AND :to',
          FilterExpression: 'attribute_exists(loginId) OR attribute_exists(counted)',
          ExpressionAttributeValues: {
            ':account': accountId,
            ':from': from,
            ':to': to,
          },
          Limit: limit + 1,
        },
        limit + 1,
      );
      const shown = rows.slice(0, limit);
      const outcomes = await outcomesOf(tables, table, accountId, shown);
      return { items: shown.map((row) => itemOf(row, outcomes)), last: rows.length > limit ? (shown.at(-1)?.entry ?? null) : null };
    },
  };
}

/** The greatest sort key below a loginId: the same with its last digit one less, and a tail behind. */
function justBefore(entry: string): string {
  const last = entry.charCodeAt(entry.length - 1);
  return `${entry.slice(0, -1)}${String.fromCharCode(last - 1)}~`;
}

async function outcomesOf(tables: DynamoDBDocumentClient, table: string, accountId: string, rows: readonly Row[]) {
  const actionIds = [...new Set(rows.flatMap(({ verdict }) => verdict?.actions.map(({ actionId }) => actionId) ?? []))];
  const outcomes = new Map<string, string>();
  for (let start = 0; start < actionIds.length; start += batchGetItems) {
    let open = actionIds.slice(start, start + batchGetItems).map((actionId) => ({ accountId, entry: keys.action(actionId) }));
    while (open.length > 0) {
      const { Responses, UnprocessedKeys } = await tables.send(new BatchGetCommand({ RequestItems: { [table]: { Keys: open } } }));
      for (const item of Responses?.[table] ?? []) outcomes.set(item['entry'] as string, item['outcome'] as string);
      open = (UnprocessedKeys?.[table]?.Keys ?? []) as typeof open;
    }
  }
  return outcomes;
}

function itemOf({ counted, firstCounted, verdict, ...row }: Row, outcomes: ReadonlyMap<string, string>): HistoryItem {
  const login = counted ? { ...firstCounted, count: counted.size } : row;
  return historyItem.parse({
    ...login,
    id: row.entry,
    ...(verdict && {
      verdict: {
        triggers: verdict.triggers,
        responses: verdict.responses,
        actions: verdict.actions.map(({ actionId, response }) => ({ response, outcome: outcomes.get(keys.action(actionId)) })),
      },
    }),
  });
}

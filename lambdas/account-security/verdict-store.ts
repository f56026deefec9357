import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { actionOutcome, type Verdict } from '../contracts/verdict.ts';
import { firstLoginIdOf } from '../runtime/ids.ts';
import { didWrite, expiryOf, queryItems, replacesOutcome } from '../runtime/tables.ts';
import type { KeptReceipt, VerdictReader, Verdicts } from './verdicts.ts';
import { actionText } from './words.ts';

/** Sort keys of the table `verdicts`: a receipt's is its loginId; the others start with `~`, which sorts behind. */
const keys = {
  notice: (channel: string, place: string, hour: string) => `~notice#${channel}#${place}#${hour}`,
  outcome: (actionId: string) => `~outcome#${actionId}`,
};

/** The receipts over the table `verdicts`. */
export function verdictStore(tables: DynamoDBDocumentClient, table: string): Verdicts & VerdictReader {
  const get = async <T>(accountId: string, entry: string): Promise<T | undefined> =>
    (await tables.send(new GetCommand({ TableName: table, Key: { accountId, entry }, ConsistentRead: true }))).Item as T | undefined;
  const put = (item: Record<string, unknown>, condition: string, values?: Record<string, unknown>) =>
    didWrite(
      tables.send(
        new PutCommand({ TableName: table, Item: item, ConditionExpression: condition, ExpressionAttributeValues: values }),
      ),
    );

  return {
    find: (accountId, loginId) => get<KeptReceipt>(accountId, loginId),

    keep: (accountId, kept) =>
      put(
        {
          ...kept,
          accountId,
          entry: kept.receipt.loginId,
          actionIds: kept.actions.map(({ actionId }) => actionId),
          expiresAt: expiryOf(kept.receipt.login.occurredAt),
        },
        'attribute_not_exists(accountId) OR revision < :revision',
        { ':revision': kept.revision },
      ),

    claimNotice: async (accountId, { notice, actionId }, loginId) => {
      if (!notice) return true;
      const entry = keys.notice(notice.channel, notice.place, notice.hour);
      const item = { accountId, entry, actionId, loginId, hour: notice.hour, expiresAt: expiryOf(`${notice.hour}:00:00Z`) };
      return put(item, 'attribute_not_exists(accountId) OR loginId = :login', { ':login': loginId });
    },

    untoldBefore: async (accountId, { channel, place, hour }) => {
      const [last] = await queryItems<{ actionId: string; hour: string }>(
        tables,
        {
          TableName: table,
          ScanIndexForward: false,
          KeyConditionExpression: 'accountId = :account AND entry BETWEEN :from AND :to',
          ExpressionAttributeValues: {
            ':account': accountId,
            ':from': keys.notice(channel, place, ''),
            ':to': keys.notice(channel, place, `${hour.slice(0, -1)}${String.fromCharCode(hour.charCodeAt(12) - 1)}~`),
          },
          Limit: 1,
        },
        1,
      );
      if (!last) return 0;
      const from = new Date(`${last.hour}:00:00Z`);
      const shared = await countReceipts(tables, table, accountId, from, last.actionId);
      return Math.max(0, shared - 1);
    },

    keepOutcome: async (accountId, { actionId, outcome, detail }, time) => {
      await put(
        { accountId, entry: keys.outcome(actionId), outcome, detail, expiresAt: expiryOf(time) },
        replacesOutcome.ConditionExpression,
        replacesOutcome.ExpressionAttributeValues,
      );
    },

    verdict: async (accountId, loginId) => {
      const kept = await get<KeptReceipt>(accountId, loginId);
      if (!kept) return undefined;
      const actions = await Promise.all(
        kept.actions.map(async ({ actionId, response }): Promise<Verdict['actions'][number]> => {
          const ended = await get<{ outcome: string; detail?: string }>(accountId, keys.outcome(actionId));
          const outcome = ended && actionOutcome().parse(ended.outcome);
          return { actionId, response, ...(ended && { outcome, detail: ended.detail }), text: actionText(response, outcome) };
        }),
      );
      return { ...kept.receipt, actions };
    },
  };
}

/** Receipts of the hour from a moment on that share an action. */
async function countReceipts(tables: DynamoDBDocumentClient, table: string, accountId: string, from: Date, actionId: string) {
  let count = 0;
  let start: Record<string, unknown> | undefined;
  do {
    const page = await tables.send(
      new QueryCommand({
        TableName: table,
        Select: 'COUNT',
        KeyConditionExpression: 'accountId = :account AND entry BETWEEN :from AND :to',
        FilterExpression: 'contains(actionIds, :action)',
        ExpressionAttributeValues: {
          ':account': accountId,
          ':from': firstLoginIdOf(from),
          ':to': firstLoginIdOf(new Date(from.getTime() + 3_600_000)),
          ':action': actionId,
        },
        ExclusiveStartKey: start,
      }),
    );
    count += page.Count ?? 0;
    start = page.LastEvaluatedKey;
  } while (start);
  return count;
}

import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { eventNameOf, eventSchema } from '../contracts/events.ts';
import { didWrite, expiryOf, queryItems } from '../runtime/tables.ts';
import type { Asking } from './notice.ts';
import type { Sending, SentLog } from './sent-log.ts';

const day = 86_400;
/** A counter is of one day; it is kept for a little longer. */
const counterDays = 2;

/** The log over the table `sent-log`. */
export function sentLogStore(tables: DynamoDBDocumentClient, table: string, now: () => Date): SentLog {
  return {
    find: async (accountId, actionId) => {
      const { Item } = await tables.send(new GetCommand({ TableName: table, Key: { accountId, actionId }, ConsistentRead: true }));
      return Item as Sending | undefined;
    },

    replace: (accountId, actionId, found, entry, waiting) => {
      const expiresAt = expiryOf(now().toISOString());
      const { names: ExpressionAttributeNames, values, sets } = assignments({ ...entry, ...waiting, expiresAt });
      const { condition, values: expected } = standsAs(found);
      const removes = entry.state === 'ended' ? ' REMOVE leaseUntil' : ' REMOVE outcome, detail';
      return didWrite(
        tables.send(
          new UpdateCommand({
            TableName: table,
            Key: { accountId, actionId },
            UpdateExpression: `SET ${sets}${removes}`,
            ConditionExpression: entry.state === 'claimed' && entry.holder !== undefined ? `(${condition}) OR ${isOwn}` : condition,
            ExpressionAttributeNames,
            ExpressionAttributeValues: { ...values, ...expected },
          }),
        ),
      );
    },

    waiting: async (accountId, moment) => {
      const items = await queryItems<{ askedBy: { type: string } }>(
        tables,
        {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'accountId = :account',
          FilterExpression: 'attribute_exists(askedBy) AND staleAfter >= :moment',
          ExpressionAttributeValues: { ':account': accountId, ':moment': moment.toISOString() },
        },
        Number.POSITIVE_INFINITY,
      );
      return items.map(({ askedBy }) => eventSchema(eventNameOf(askedBy.type) ?? 'action.requested').parse(askedBy) as Asking);
    },

    count: async (accountId, counter, most) =>
      most > 0 &&
      didWrite(
        tables.send(
          new UpdateCommand({
            TableName: table,
            Key: { accountId, actionId: counter },
            UpdateExpression: 'SET expiresAt = :end ADD #count :one',
            ConditionExpression: 'attribute_not_exists(#count) OR #count < :most',
            ExpressionAttributeNames: { '#count': 'count' },
            ExpressionAttributeValues: { ':one': 1, ':most': most, ':end': Math.floor(now().getTime() / 1000) + counterDays * day },
          }),
        ),
      ),
  };
}

function assignments(fields: Readonly<Record<string, unknown>>) {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  return {
    sets: set.map(([name]) => `#${name} = :${name}`).join(', '),
    names: Object.fromEntries(set.map(([name]) => [`#${name}`, name])),
    values: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
  };
}

/** What a claim stands as when it was written, and the answer was lost: then the SDK tries again. Nobody else has this holder. */
const isOwn = '(#holder = :holder AND #leaseUntil = :leaseUntil AND #attempts = :attempts)';

function standsAs(found: Sending | undefined): { condition: string; values: Record<string, unknown> } {
  if (found === undefined) return { condition: 'attribute_not_exists(accountId)', values: {} };
  if (found.state === 'ended') {
    return { condition: '#state = :stood AND outcome = :stoodOutcome', values: { ':stood': 'ended', ':stoodOutcome': found.outcome } };
  }
  return {
    condition: '#state = :stood AND leaseUntil = :stoodLease AND attempts = :stoodAttempts',
    values: { ':stood': 'claimed', ':stoodLease': found.leaseUntil, ':stoodAttempts': found.attempts },
  };
}

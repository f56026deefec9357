import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, type PutCommandInput, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LocatedLogin } from '../contracts/verdict.ts';
import { hashedAccount } from '../runtime/erasure.ts';
import { didWrite, expiryOf, type Item, replacesOutcome } from '../runtime/tables.ts';
import { accountReader, homeName, homeVersionsOf } from './account.ts';
import { floodGate } from './flood.ts';
import type { History } from './history.ts';
import { supersededLongAgo } from './home-countries.ts';
import { attributes, itemOf, standingLoginOf } from './item.ts';
import { keys } from './keys.ts';
import { searcher } from './search.ts';

/** Of the item of an account: that it is no tombstone. */
const isKept = 'attribute_not_exists(erasedUntil)';
/** Of an item with a loginId's key: that it is a login, not the count of a flood. */
const isLogin = `attribute_exists(${attributes.address})`;

/**
 * The history over the table `login-history`. What a judgement reads is read strongly consistent, so that of two logins that
 * arrive at once at least one sees the other.
 *
 * @param gatherMilliseconds how long the reads of accounts wait for each other; for who handles many records at once
 */
export function historyStore(tables: DynamoDBDocumentClient, table: string, now: () => Date, gatherMilliseconds = 0): History {
  const passes = floodGate(tables, table);
  const account = accountReader(tables, table, now, gatherMilliseconds);
  const get = async (accountId: string, entry: string): Promise<Item | undefined> =>
    (await tables.send(new GetCommand({ TableName: table, Key: { accountId, entry }, ConsistentRead: true }))).Item;
  const put = (item: Item, condition: Pick<PutCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'>) =>
    didWrite(tables.send(new PutCommand({ TableName: table, Item: item, ...condition })));
  /** Marks a login that stands in the history, and gives it as it was before. */
  const mark = async (accountId: string, entry: string, expression: string, condition: string, at: string | true): Promise<Item | undefined> => {
    try {
      const { Attributes } = await tables.send(
        new UpdateCommand({
          TableName: table,
          Key: { accountId, entry },
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeValues: { ':at': at },
          ReturnValues: 'ALL_OLD',
        }),
      );
      return Attributes;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  };
  const putOnce = (accountId: string, entry: string, login: LocatedLogin): Promise<boolean> =>
    put(itemOf(accountId, entry, login), { ConditionExpression: 'attribute_not_exists(accountId)' });

  return {
    ...searcher(tables, table),

    record: async (accountId, login) => {
      if (login.outcome === 'failure' && !(await passes(accountId, login))) return undefined;
      if (await putOnce(accountId, login.loginId, login)) return { login, isNew: true };
      return { login: standingLoginOf(await get(accountId, login.loginId)) ?? login, isNew: false };
    },

    account,

    noteNotable: async (accountId, login) => {
      await Promise.all([
        didWrite(
          tables.send(
            new UpdateCommand({
              TableName: table,
              Key: { accountId: hashedAccount(accountId), entry: keys.account },
              UpdateExpression: 'SET newestNotable = :login',
              ConditionExpression: `${isKept} AND (attribute_not_exists(newestNotable) OR newestNotable < :login)`,
              ExpressionAttributeValues: { ':login': login.loginId },
            }),
          ),
        ),
        login.country !== null &&
          putOnce(accountId, keys.country(login.country, login.loginId), login),
      ]);
    },

    keepHomeCountries: async (accountId, version) => {
      const old = supersededLongAgo(homeVersionsOf(await get(hashedAccount(accountId), keys.account)), now());
      const names = Object.fromEntries(old.map((each, index) => [`#old${index}`, homeName(each)]));
      await didWrite(
        tables.send(
          new UpdateCommand({
            TableName: table,
            Key: { accountId: hashedAccount(accountId), entry: keys.account },
            UpdateExpression: `SET #version = :version${old.length > 0 ? ` REMOVE ${Object.keys(names).join(', ')}` : ''}`,
            ConditionExpression: isKept,
            ExpressionAttributeNames: { '#version': homeName(version), ...names },
            ExpressionAttributeValues: { ':version': version },
          }),
        ),
      );
    },

    dispute: async (accountId, loginId, at) => {
      const before = await mark(accountId, loginId, 'SET disputedAt = if_not_exists(disputedAt, :at) REMOVE confirmedAt', isLogin, at);
      const stood = standingLoginOf(before);
      if (!before || !stood) return undefined;
      const login = { ...stood, disputedAt: stood.disputedAt ?? at };
      if (login.country !== null) {
        await mark(accountId, keys.country(login.country, loginId), 'SET disputedAt = if_not_exists(disputedAt, :at)', 'attribute_exists(accountId)', login.disputedAt);
      }
      return { login, wasTold: before['disputeTold'] === true };
    },

    noteDisputeTold: async (accountId, loginId) => {
      await mark(accountId, loginId, 'SET disputeTold = :at', isLogin, true);
    },

    confirm: async (accountId, loginId, at) => {
      if (await mark(accountId, loginId, 'SET confirmedAt = if_not_exists(confirmedAt, :at)', `${isLogin} AND attribute_not_exists(disputedAt)`, at)) {
        return 'confirmed';
      }
      return (await get(accountId, loginId))?.['disputedAt'] === undefined ? 'unknown' : 'disputed';
    },

    keepVerdict: async (accountId, { loginId, triggers, responses, actions, revision }) => {
      await didWrite(
        tables.send(
          new UpdateCommand({
            TableName: table,
            Key: { accountId, entry: loginId },
            UpdateExpression: 'SET verdict = :verdict',
            ConditionExpression:
              'attribute_exists(accountId) AND (attribute_not_exists(verdict) OR verdict.revision < :revision)',
            ExpressionAttributeValues: { ':verdict': { triggers, responses, actions, revision }, ':revision': revision },
          }),
        ),
      );
    },

    keepOutcome: async (accountId, { actionId, outcome }, time) => {
      await put({ accountId, entry: keys.action(actionId), outcome, expiresAt: expiryOf(time) }, replacesOutcome);
    },
  };
}


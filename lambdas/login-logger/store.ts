import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, type PutCommandInput, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type LocatedLogin, locatedLoginData } from '../contracts/verdict.ts';
import { hashedAccount, isTombstone } from '../runtime/erasure.ts';
import { didWrite, expiryOf, type Item, replacesOutcome } from '../runtime/tables.ts';
import { floodGate } from './flood.ts';
import type { DisputedLogin, History } from './history.ts';
import { type HomeVersion, supersededLongAgo } from './home-countries.ts';
import { keys } from './keys.ts';
import { searcher } from './search.ts';

const homeName = ({ version }: HomeVersion): string => `home_${version}`;
const homeVersionsOf = (item: Item = {}): HomeVersion[] =>
  Object.entries(item).flatMap(([name, value]) => (name.startsWith('home_') ? [value as HomeVersion] : []));

/** Of the item of an account: that it is no tombstone. */
const isKept = 'attribute_not_exists(erasedUntil)';

/**
 * The history over the table `login-history`. What a judgement reads is read strongly consistent, so that of two logins that
 * arrive at once at least one sees the other.
 */
export function historyStore(tables: DynamoDBDocumentClient, table: string, now: () => Date): History {
  const passes = floodGate(tables, table);
  const get = async (accountId: string, entry: string): Promise<Item | undefined> =>
    (await tables.send(new GetCommand({ TableName: table, Key: { accountId, entry }, ConsistentRead: true }))).Item;
  const put = (accountId: string, entry: string, item: Item, condition: Pick<PutCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'>) =>
    didWrite(tables.send(new PutCommand({ TableName: table, Item: { ...item, accountId, entry }, ...condition })));
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
  const putOnce = (accountId: string, entry: string, item: Item): Promise<boolean> =>
    put(accountId, entry, item, { ConditionExpression: 'attribute_not_exists(accountId)' });

  return {
    ...searcher(tables, table),

    record: async (accountId, login) => {
      if (login.outcome === 'failure' && !(await passes(accountId, login))) return undefined;
      if (await putOnce(accountId, login.loginId, { ...login, expiresAt: expiryOf(login.occurredAt) })) return { login, isNew: true };
      const row = await get(accountId, login.loginId);
      const { data: standing } = locatedLoginData.safeParse(row);
      return { login: standing ? { ...standing, disputedAt: row?.['disputedAt'] as string | undefined } : login, isNew: false };
    },

    account: async (accountId) => {
      const item = (await get(hashedAccount(accountId), keys.account)) ?? {};
      return {
        isErased: isTombstone(item, now()),
        newestNotable: item['newestNotable'] as string | undefined,
        homeVersions: homeVersionsOf(item),
      };
    },

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
          putOnce(accountId, keys.country(login.country, login.loginId), { ...login, expiresAt: expiryOf(login.occurredAt) }),
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
      const before = await mark(accountId, loginId, 'SET disputedAt = if_not_exists(disputedAt, :at) REMOVE confirmedAt', 'attribute_exists(loginId)', at);
      if (!before) return undefined;
      const login: LocatedLogin & DisputedLogin = { ...locatedLoginData.parse(before), disputedAt: (before['disputedAt'] as string | undefined) ?? at };
      if (login.country !== null) {
        await mark(accountId, keys.country(login.country, loginId), 'SET disputedAt = if_not_exists(disputedAt, :at)', 'attribute_exists(accountId)', login.disputedAt ?? at);
      }
      return { login, wasTold: before['disputeTold'] === true };
    },

    noteDisputeTold: async (accountId, loginId) => {
      await mark(accountId, loginId, 'SET disputeTold = :at', 'attribute_exists(loginId)', true);
    },

    confirm: async (accountId, loginId, at) => {
      if (await mark(accountId, loginId, 'SET confirmedAt = if_not_exists(confirmedAt, :at)', 'attribute_exists(loginId) AND attribute_not_exists(disputedAt)', at)) {
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
      await put(accountId, keys.action(actionId), { outcome, expiresAt: expiryOf(time) }, replacesOutcome);
    },
  };
}


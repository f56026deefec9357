import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { EarlierLogin, LocatedLogin } from '../contracts/verdict.ts';
import { retentionDays } from '../contracts/window.ts';
import { type Item, queryItems } from '../runtime/tables.ts';
import type { DisputedLogin, History, Vouching } from './history.ts';
import { attributes, standingLoginOf } from './item.ts';
import { keys } from './keys.ts';

/** Rows that the first page of a search reads: enough for most accounts, and cheap. */
const firstPage = 25;
const lookBack = retentionDays * 86_400_000;

interface Search {
  /** Entries, both included. */
  readonly from: string;
  readonly to: string;
  readonly order: 'newest first' | 'oldest first';
  /** Nothing finds all, `located` those with a country, else those of that country. */
  readonly country?: 'located' | { readonly is: string };
}

type Found = LocatedLogin & DisputedLogin;

/** The searches for successful logins around another, over the table `login-history`. */
export function searcher(
  tables: DynamoDBDocumentClient,
  table: string,
): Pick<History, 'previousLogin' | 'newestNotableFrom' | 'newestFrom' | 'allFrom' | 'untilNextLocated' | 'nextNotablesFromSameCountry'> {
  /** Successful logins of an account between two entries, page by page until there are so many. */
  const find = async (accountId: string, search: Search, count: number): Promise<Found[]> => {
    const { condition, values } = countryCondition(search.country);
    const items = await queryItems<Item>(
      tables,
      {
        TableName: table,
        ConsistentRead: true,
        ScanIndexForward: search.order === 'oldest first',
        KeyConditionExpression: 'accountId = :account AND entry BETWEEN :from AND :to',
        FilterExpression: `attribute_exists(#ip) AND attribute_not_exists(#outcome)${condition}`,
        ExpressionAttributeNames: {
          '#ip': attributes.address,
          '#outcome': attributes.outcome,
          ...(search.country !== undefined && { '#country': attributes.country }),
        },
        ExpressionAttributeValues: {
          ':account': accountId,
          ':from': search.from,
          ':to': search.to,
          ...values,
        },
        Limit: firstPage,
      },
      count,
    );
    return items.flatMap((item) => standingLoginOf(item) ?? []);
  };
  const first = async (accountId: string, search: Search) => (await find(accountId, search, 1))[0];

  /** What a search finds, up to and with the first login that the player did not dispute; nearly always that is the first one. */
  const untilUndisputed = async (accountId: string, search: Search) => {
    const next = await find(accountId, search, 1);
    if (next[0]?.disputedAt === undefined) return next;
    const all = await find(accountId, search, Number.POSITIVE_INFINITY);
    const undisputed = all.findIndex(isUndisputed);
    return undisputed === -1 ? all : all.slice(0, undisputed + 1);
  };

  /** The newest that the player did not dispute, and the disputed ones after it. */
  const vouching = async (accountId: string, search: Search): Promise<Vouching> => {
    const logins = await untilUndisputed(accountId, search);
    const disputed = logins.filter((login) => !isUndisputed(login)).map(({ loginId }) => loginId);
    return { login: earlier(logins.find(isUndisputed)), disputed };
  };

  return {
    previousLogin: async (accountId, { loginId, occurredAt }) => {
      const from = keys.from(new Date(Date.parse(occurredAt) - lookBack));
      const found = await first(accountId, { from, to: keys.before(loginId), order: 'newest first', country: 'located' });
      const login = earlier(found);
      return login && { ...login, disputedAt: found?.disputedAt };
    },

    newestNotableFrom: (accountId, country, { loginId }, since) =>
      vouching(accountId, {
        from: keys.country(country, keys.from(since)),
        to: keys.before(keys.country(country, loginId)),
        order: 'newest first',
      }),

    newestFrom: (accountId, country, { loginId }, from, until) => {
      const before = [keys.from(until), loginId].toSorted()[0] ?? loginId;
      return vouching(accountId, { from: keys.from(from), to: keys.before(before), order: 'newest first', country: { is: country } });
    },

    allFrom: (accountId, country, from) => {
      const search: Search = { from: keys.from(from), to: keys.end, order: 'oldest first', country: { is: country } };
      return find(accountId, search, Number.POSITIVE_INFINITY);
    },

    untilNextLocated: async (accountId, { loginId }) => {
      const next = await first(accountId, { from: keys.behind(loginId), to: keys.end, order: 'oldest first', country: 'located' });
      const until: Search = { from: keys.behind(loginId), to: next?.loginId ?? keys.end, order: 'oldest first' };
      return find(accountId, until, Number.POSITIVE_INFINITY);
    },

    // A disputed one vouches for nothing: what is changed for it is changed for the one after it.
    nextNotablesFromSameCountry: async (accountId, { loginId, country }) =>
      country === null
        ? []
        : untilUndisputed(accountId, {
            from: keys.behind(keys.country(country, loginId)),
            to: keys.country(country, keys.end),
            order: 'oldest first',
          }),
  };
}

const isUndisputed = ({ disputedAt }: DisputedLogin): boolean => disputedAt === undefined;

function countryCondition(country: Search['country']): { condition: string; values: Record<string, string> } {
  if (country === undefined) return { condition: '', values: {} };
  if (country === 'located') return { condition: ' AND attribute_exists(#country)', values: {} };
  return { condition: ' AND #country = :country', values: { ':country': country.is } };
}

function earlier(login: LocatedLogin | undefined): EarlierLogin | undefined {
  if (login === undefined || login.country === null) return undefined;
  return { loginId: login.loginId, ip: login.ip, country: login.country, occurredAt: login.occurredAt };
}

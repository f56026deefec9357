import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { retentionDays } from '../contracts/http.ts';
import type { EarlierLogin, LocatedLogin } from '../contracts/verdict.ts';
import { queryItems } from '../runtime/tables.ts';
import type { DisputedLogin, History, Vouching } from './history.ts';
import { keys } from './keys.ts';

/** Rows that the first page of a search reads: enough for most accounts, and cheap. */
const firstPage = 25;
const lookBack = retentionDays * 86_400_000;

interface Search {
  readonly from: string;
  readonly to: string;
  readonly order: 'newest first' | 'oldest first';
  /** Nothing finds all, `located` those with a country, else those of that country. */
  readonly country?: 'located' | { readonly is: string };
  /** The login that the search starts from, which it never finds. */
  readonly except: string;
}

/** The searches for successful logins around another, over the table `login-history`. */
export function searcher(
  tables: DynamoDBDocumentClient,
  table: string,
): Pick<History, 'previousLogin' | 'newestNotableFrom' | 'newestFrom' | 'allFrom' | 'untilNextLocated' | 'nextNotablesFromSameCountry'> {
  /** Successful logins of an account between two entries, both included, page by page until `enough` says so. */
  const find = (accountId: string, search: Search, count: number): Promise<(LocatedLogin & DisputedLogin)[]> => {
    const { condition, values } = countryCondition(search.country);
    return queryItems<LocatedLogin & DisputedLogin & Record<string, unknown>>(
      tables,
      {
        TableName: table,
        ConsistentRead: true,
        ScanIndexForward: search.order === 'oldest first',
        KeyConditionExpression: 'accountId = :account AND entry BETWEEN :from AND :to',
        FilterExpression: `outcome = :success AND loginId <> :except${condition}`,
        ExpressionAttributeNames: search.country === undefined ? undefined : { '#country': 'country' },
        ExpressionAttributeValues: {
          ':account': accountId,
          ':from': search.from,
          ':to': search.to,
          ':success': 'success',
          ':except': search.except,
          ...values,
        },
        Limit: firstPage,
      },
      count,
    );
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
      const found = await first(accountId, { from, to: loginId, order: 'newest first', country: 'located', except: loginId });
      const login = earlier(found);
      return login && { ...login, disputedAt: found?.disputedAt };
    },

    newestNotableFrom: (accountId, country, { loginId }, since) =>
      vouching(accountId, {
        from: keys.country(country, keys.from(since)),
        to: keys.country(country, loginId),
        order: 'newest first',
        except: loginId,
      }),

    newestFrom: (accountId, country, { loginId }, from, until) => {
      const to = [keys.from(until), loginId].toSorted()[0] ?? loginId;
      return vouching(accountId, { from: keys.from(from), to, order: 'newest first', country: { is: country }, except: loginId });
    },

    allFrom: (accountId, country, from) => {
      const search: Search = { from: keys.from(from), to: keys.end, order: 'oldest first', country: { is: country }, except: '' };
      return find(accountId, search, Number.POSITIVE_INFINITY);
    },

    untilNextLocated: async (accountId, { loginId }) => {
      const next = await first(accountId, { from: loginId, to: keys.end, order: 'oldest first', country: 'located', except: loginId });
      const until: Search = { from: loginId, to: next?.loginId ?? keys.end, order: 'oldest first', except: loginId };
      return find(accountId, until, Number.POSITIVE_INFINITY);
    },

    // A disputed one vouches for nothing: what is changed for it is changed for the one after it.
    nextNotablesFromSameCountry: async (accountId, { loginId, country }) =>
      country === null
        ? []
        : untilUndisputed(accountId, {
            from: keys.country(country, loginId),
            to: keys.country(country, keys.end),
            order: 'oldest first',
            except: loginId,
          }),
  };
}

const isUndisputed = ({ disputedAt }: DisputedLogin): boolean => disputedAt === undefined;

function countryCondition(country: Search['country']): { condition: string; values: Record<string, string> } {
  if (country === undefined) return { condition: '', values: {} };
  if (country === 'located') return { condition: ' AND attribute_type(#country, :string)', values: { ':string': 'S' } };
  return { condition: ' AND #country = :country', values: { ':country': country.is } };
}

function earlier(login: LocatedLogin | undefined): EarlierLogin | undefined {
  if (login === undefined || login.country === null) return undefined;
  return { loginId: login.loginId, ip: login.ip, country: login.country, occurredAt: login.occurredAt };
}

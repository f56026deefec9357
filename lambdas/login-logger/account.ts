import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import DataLoader from 'dataloader';
import { hashedAccount, isTombstone } from '../runtime/erasure.ts';
import { getItems, type Item, maxGetItems } from '../runtime/tables.ts';
import type { Account, HomeVersion } from './home-countries.ts';
import { keys } from './keys.ts';

export const homeName = ({ version }: HomeVersion): string => `home_${version}`;
export const homeVersionsOf = (item: Item = {}): HomeVersion[] =>
  Object.entries(item).flatMap(([name, value]) => (name.startsWith('home_') ? [value as HomeVersion] : []));

/**
 * Reads the items of accounts, many in one request: a request costs more CPU than all else that is done for a login.
 *
 * Strongly consistent, though that is twice the price. Who has written a login must see a notable login, a change of home countries and an erasure that were noted before:
 * those who note one look for logins afterwards, so that of the two at least one sees the other (decision 0002). An eventually consistent read may miss what
 * was written a moment ago, and nobody would look again.
 *
 * @param gatherMilliseconds how long a read waits for others to share its request with
 */
export function accountReader(tables: DynamoDBDocumentClient, table: string, now: () => Date, gatherMilliseconds: number): (accountId: string) => Promise<Account> {
  const loader = new DataLoader<string, Item>(
    async (accounts) => {
      const Keys = [...new Set(accounts)].map((accountId) => ({ accountId, entry: keys.account }));
      const items = new Map((await getItems(tables, table, Keys, true)).map((item) => [item['accountId'], item]));
      return accounts.map((accountId) => items.get(accountId) ?? {});
    },
    { cache: false, maxBatchSize: maxGetItems, ...(gatherMilliseconds > 0 && { batchScheduleFn: (dispatch) => setTimeout(dispatch, gatherMilliseconds) }) },
  );
  return async (accountId) => {
    const item = await loader.load(hashedAccount(accountId));
    return {
      isErased: isTombstone(item, now()),
      newestNotable: item['newestNotable'] as string | undefined,
      homeVersions: homeVersionsOf(item),
    };
  };
}

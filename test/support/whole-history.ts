import type { HistoryItem } from '../../lambdas/contracts/answers.ts';
import type { ApiClient } from './local-client.ts';

/** The whole history of an account, newest first, page after page. */
export async function wholeHistory(api: ApiClient, accountId: string): Promise<HistoryItem[]> {
  const items: HistoryItem[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`;
    const { status, body } = await api.signed(`/v1/accounts/${accountId}/logins?limit=100${query}`);
    if (status !== 200) throw new Error(`The history of ${accountId} answered ${status}.`);
    items.push(...body.items);
    cursor = body.cursor;
  } while (cursor !== null);
  return items;
}

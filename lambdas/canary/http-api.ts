import type { AwsClient } from 'aws4fetch';
import { historyPage, publishResults } from '../contracts/answers.ts';
import { NoAnswerError, type Services } from './handler.ts';

/** A hanging API must leave time to say so. */
const timeoutMilliseconds = 8000;

/** How requests are signed and sent. */
export interface Sender {
  readonly sign: AwsClient['sign'];
  readonly fetch: (request: Request, init: RequestInit) => Promise<Response>;
}

/** The HTTP API at a URL, called by signed requests. */
export function httpApi({ sign, fetch }: Sender, url: string): Pick<Services, 'post' | 'history'> {
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    let response: Response;
    try {
      // The signal goes to `fetch` itself: of one that only a request knows, Node forgets the time limit at the next garbage collection.
      response = await fetch(await sign(`${url}${path}`, init), { signal: AbortSignal.timeout(timeoutMilliseconds) });
    } catch (error) {
      throw new NoAnswerError(error instanceof Error ? error.name : 'Error');
    }
    if (response.ok) return response;
    throw new NoAnswerError(`status ${response.status}`);
  };
  return {
    post: async (login) => {
      const response = await call('/v1/logins', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(login) });
      const { data } = publishResults.safeParse(await response.json().catch(() => undefined));
      const id = data?.results[0]?.id;
      if (id === undefined) throw new NoAnswerError('an answer of another shape');
      return id;
    },
    history: async (accountId) => {
      const response = await call(`/v1/accounts/${accountId}/logins`, { method: 'GET' });
      const { data } = historyPage.safeParse(await response.json().catch(() => undefined));
      if (!data) throw new NoAnswerError('an answer of another shape');
      return data.items;
    },
  };
}

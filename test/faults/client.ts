import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, apiClient, type ApiClient, type CallOptions } from '../support/local-client.ts';

/** How often a caller tries, and how long it waits between. */
const mostTries = 160;
const pauseMilliseconds = 250;

/** What a caller got in the end, and how often it had to ask. */
export type LastAnswer = Answer & { readonly tries: number };

/** A caller as the documents want one: what is answered 5xx, or not at all, it sends again with the same ids. */
export interface PatientClient extends ApiClient {
  asPlayer(...args: Parameters<ApiClient['asPlayer']>): Promise<LastAnswer>;
  /** Posts logins until each is confirmed. @returns their ids, in the order of the body */
  post(logins: readonly object[]): Promise<string[]>;
  /** Asks something without a signature, from an address of its own, since networks have limits of their own. */
  from(address: string, path: string, body: unknown): Promise<LastAnswer>;
}

export function patientClient(url: string): PatientClient {
  const api = apiClient(url);
  const again = async (call: () => Promise<Answer>): Promise<LastAnswer> => {
    for (let tries = 1; ; tries += 1) {
      const answer = await call().catch(() => undefined);
      if (answer && answer.status < 500) return { ...answer, tries };
      if (tries === mostTries) throw new Error(`No answer after ${tries} tries; the last was ${answer?.status ?? 'none'}.`);
      await delay(pauseMilliseconds);
    }
  };
  return {
    signed: (path, options) => again(() => api.signed(path, options)),
    asPlayer: (accountId, path, options) => again(() => api.asPlayer(accountId, path, options)),
    plain: (path, options) => again(() => api.plain(path, options)),
    from: (address, path, body) => again(() => postFrom(address, `${url}${path}`, body)),
    post: async (logins) => {
      const ids = new Map<number, string>();
      for (let open = logins.map((_, index) => index); open.length > 0; open = open.filter((index) => !ids.has(index))) {
        const { status, body } = await again(() => api.signed('/v1/logins', { body: open.map((index) => logins[index]) } satisfies CallOptions));
        if (status !== 202 && status !== 207) throw new Error(`Logins were answered ${status}: ${JSON.stringify(body)}`);
        const results = body.results as { index: number; status: number; id: string }[];
        for (const { index, status: each, id } of results) if (each === 202) ids.set(open[index] ?? -1, id);
      }
      return logins.map((_, index) => ids.get(index) ?? '');
    },
  };
}

/** On Linux every address of 127.0.0.0/8 is this machine's. */
function postFrom(localAddress: string, url: string, body: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST', localAddress, headers: { 'content-type': 'application/json' } }, (response) => {
      text(response).then((content) => resolve({ status: response.statusCode ?? 0, headers: new Headers(), body: content === '' ? undefined : JSON.parse(content) }), reject);
    });
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });
}

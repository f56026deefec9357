import { AwsClient } from 'aws4fetch';
import { canaries } from './canaries.ts';

/** An answer that was not a good one: what it says may be seen by others than the account. */
export interface Refusal {
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

interface Answered {
  readonly status: number;
  readonly text: string;
  json(): unknown;
}

const account = canaries.accountId.value;

/** Calls the HTTP API, and keeps every answer that was not a good one. */
export function callersOf(url: string) {
  const refusals: Refusal[] = [];
  const aws = new AwsClient({ accessKeyId: 'local', secretAccessKey: 'local', region: 'us-east-1', service: 'execute-api', retries: 0 });
  const read = async (path: string, response: Response): Promise<Answered> => {
    const text = await response.text();
    // Of a batch only the problems count: beside them stand ids.
    if (response.status >= 400 || response.status === 207) refusals.push({ path, status: response.status, text: `${text} ${JSON.stringify([...response.headers])}` });
    return { status: response.status, text, json: () => JSON.parse(text) as unknown };
  };
  const init = (body: unknown, contentType: string, method?: string, headers: Record<string, string> = {}): RequestInit => ({
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body !== undefined && { 'content-type': contentType }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const json = 'application/json';
  /** AWS may have trouble just now; then a caller tries again. */
  const again = async (call: () => Promise<Answered>): Promise<Answered> => {
    const answered = await call();
    return answered.status >= 500 ? again(call) : answered;
  };
  const plain = (path: string, body?: unknown, method?: string, headers?: Record<string, string>) => again(async () => read(path, await fetch(`${url}${path}`, init(body, json, method, headers))));
  let token = '';
  return {
    refusals,
    plain,
    signed: (path: string, body?: unknown, contentType = json, method?: string) => again(async () => read(path, await aws.fetch(`${url}${path}`, init(body, contentType, method)))),
    /** As the account's player, who proved more than the password where `amr` says so. */
    player: async (path: string, body?: unknown, method?: string, amr: readonly string[] = []) => {
      token = (JSON.parse((await plain('/local/tokens', { accountId: account, amr })).text) as { token: string }).token;
      return plain(path, body, method, { authorization: `Bearer ${token}` });
    },
    /** The signature of the last token that was used: without it a token is no secret. */
    tokenMark: () => token.split('.')[2]?.slice(0, 40) ?? '',
  };
}

export type Callers = ReturnType<typeof callersOf>;

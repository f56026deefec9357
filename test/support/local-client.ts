import { AwsClient } from 'aws4fetch';

/** An answer of the HTTP API. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line no-explicit-any -- what a test reads of a body, it asserts
  readonly body: any;
}

export interface CallOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Calls the HTTP API as login servers, tools and players do. */
export interface ApiClient {
  /** Signed by AWS IAM. */
  signed(path: string, options?: CallOptions): Promise<Answer>;
  /** As a player, with a token of the local issuer. */
  asPlayer(accountId: string, path: string, options?: CallOptions & { readonly amr?: readonly string[] }): Promise<Answer>;
  plain(path: string, options?: CallOptions): Promise<Answer>;
}

export function apiClient(url: string): ApiClient {
  const aws = new AwsClient({ accessKeyId: 'local', secretAccessKey: 'local', region: 'us-east-1', service: 'execute-api', retries: 0 });
  const init = ({ method, body, headers }: CallOptions): RequestInit => {
    const content = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    return {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(content !== undefined && { body: content as BodyInit }),
    };
  };
  const read = async (response: Response): Promise<Answer> => {
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: /\bjson\b/.test(response.headers.get('content-type') ?? '') && text !== '' ? JSON.parse(text) : undefined };
  };
  const plain: ApiClient['plain'] = async (path, options = {}) => read(await fetch(`${url}${path}`, init(options)));
  return {
    plain,
    signed: async (path, options = {}) => read(await aws.fetch(`${url}${path}`, init(options))),
    asPlayer: async (accountId, path, { amr, ...options } = {}) => {
      const { body } = await plain('/local/tokens', { body: { accountId, amr } });
      return plain(path, { ...options, headers: { ...options.headers, authorization: `Bearer ${body.token}` } });
    },
  };
}

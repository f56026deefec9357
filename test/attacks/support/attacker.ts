import { Agent, request } from 'node:http';
import { AwsV4Signer } from 'aws4fetch';
import { localCredentials } from '../../../local/credentials.ts';

/** A request, byte by byte as it is to be sent; no client mends it. */
export interface Attack {
  readonly method?: string;
  /** Path and query as they go over the wire. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
  /** In chunks, without a length. */
  readonly isChunked?: boolean;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // oxlint-disable-next-line no-explicit-any -- what a test reads of a body, it asserts
  readonly body: any;
}

/** A client that sends what others would refuse to, and counts what it is answered. */
export interface Attacker {
  send(attack: Attack): Promise<Reply>;
  /** Signed by AWS IAM with the credentials of the local run, or others. */
  signed(attack: Attack, credentials?: SigningOptions): Promise<Reply>;
  /** With a token of the local issuer. */
  asPlayer(accountId: string, attack: Attack): Promise<Reply>;
  token(accountId: string, methods?: readonly string[]): Promise<string>;
  /** How many answers there were, by status. */
  readonly counts: ReadonlyMap<number, number>;
  close(): void;
}

export type SigningOptions = Partial<Pick<ConstructorParameters<typeof AwsV4Signer>[0], 'accessKeyId' | 'secretAccessKey' | 'service' | 'region' | 'datetime' | 'signQuery'>>;

/** The headers, or the query, of a request signed for the local run. */
export async function sign(url: string, { method = 'GET', path, headers = {}, body }: Attack, options: SigningOptions = {}) {
  const signer = new AwsV4Signer({
    ...localCredentials,
    service: 'execute-api',
    region: 'us-east-1',
    ...options,
    method,
    url: `${url}${path}`,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
    ...(body !== undefined && { body: body as BodyInit }),
  });
  const signed = await signer.sign();
  return { headers: Object.fromEntries(signed.headers), path: `${signed.url.pathname}${signed.url.search}` };
}

export function attacker(url: string): Attacker {
  const agent = new Agent({ keepAlive: true });
  const counts = new Map<number, number>();
  const tokens = new Map<string, string>();
  const send: Attacker['send'] = async (attack) => {
    const reply = await exchange(url, agent, attack);
    counts.set(reply.status, (counts.get(reply.status) ?? 0) + 1);
    return reply;
  };
  const token: Attacker['token'] = async (accountId, methods = []) => {
    const body = JSON.stringify({ accountId, amr: methods });
    const reply = await send({ method: 'POST', path: '/local/tokens', headers: { 'content-type': 'application/json' }, body });
    return reply.body.token;
  };
  return {
    counts,
    send,
    token,
    signed: async (attack, options) => send({ ...attack, headers: { ...attack.headers, ...(await sign(url, attack, options)).headers } }),
    asPlayer: async (accountId, attack) => {
      const known = tokens.get(accountId) ?? (await token(accountId, ['otp']));
      tokens.set(accountId, known);
      return send({ ...attack, headers: { authorization: `Bearer ${known}`, ...attack.headers } });
    },
    close: () => agent.destroy(),
  };
}

function exchange(url: string, agent: Agent, { method = 'GET', path, headers = {}, body, isChunked }: Attack): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const length = body === undefined || isChunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request({ agent, hostname, port, method, path, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = /\bjson\b/.test(response.headers['content-type'] ?? '') && text !== '';
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** What a suite tells at its end: how many answers there were, by status. @returns the number of those that are 5xx */
export function tell(suite: string, { counts }: Pick<Attacker, 'counts'>): number {
  const all = [...counts].toSorted(([a], [b]) => a - b);
  process.stdout.write(`${suite}: ${all.reduce((sum, [, count]) => sum + count, 0)} answers: ${all.map(([status, count]) => `${count} × ${status}`).join(', ')}\n`);
  return all.filter(([status]) => status >= 500).reduce((sum, [, count]) => sum + count, 0);
}

import { lookup as dnsLookup } from 'node:dns';
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { type Guard, literalOf } from './guard.ts';

/** What an endpoint answered. */
export interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Nothing when it is larger than `maxAnswerBytes`. */
  readonly body: Buffer | undefined;
}

/** There was no whole answer: what went wrong is its message, of a fixed set, without any address. */
export class NoAnswerError extends Error {}

/** An answer's body is read up to here. */
export const maxAnswerBytes = 128 * 1024;

/** An endpoint over HTTP. */
export interface Endpoint {
  /** @throws NoAnswerError for a refused address, a connection or TLS failure, a time-out, an answer that is cut off */
  post(body: string, headers: Readonly<Record<string, string>>): Promise<Answer>;
  close(): void;
}

export interface EndpointOptions {
  readonly url: string;
  /** Over headers and body. */
  readonly timeoutMilliseconds: number;
  /** Connections at most; they are kept alive. */
  readonly connections: number;
  readonly guard: Guard;
  /** `dns.lookup`. */
  readonly lookup?: typeof dnsLookup;
}

/** Opens an endpoint. Every address is checked at the moment in which it is dialled, so that no later answer of DNS leads elsewhere. */
export function httpEndpoint({ url, timeoutMilliseconds, connections, guard, lookup = dnsLookup }: EndpointOptions): Endpoint {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const isPlain = protocol === 'http:';
  const allows = isPlain ? guard.allowsPlain : guard.allows;
  const literal = literalOf(hostname);
  // Redirects are not followed: node:http never does.
  const agent = new (isPlain ? HttpAgent : HttpsAgent)({ keepAlive: true, maxSockets: connections, scheduling: 'lifo' });
  const options: RequestOptions = {
    agent,
    host: literal ?? hostname,
    port: port || (isPlain ? 80 : 443),
    path: `${pathname}${search}`,
    method: 'POST',
    lookup: guardedLookup(allows, lookup),
  };

  const once = (body: string, headers: Readonly<Record<string, string>>, milliseconds: number): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const request: ClientRequest = (isPlain ? httpRequest : httpsRequest)({ ...options, headers: { ...headers, 'content-length': Buffer.byteLength(body) } });
      const fail = (reason: string) => {
        clearTimeout(timer);
        request.destroy();
        reject(new NoAnswerError(reason));
      };
      const timer = setTimeout(() => fail('time-out'), milliseconds);
      request.on('error', (error: NodeJS.ErrnoException) => fail(request.reusedSocket && error.code === 'ECONNRESET' ? staleConnection : reasonOf(error)));
      request.on('response', (response: IncomingMessage) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        const end = (content: Buffer | undefined) => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content });
        };
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          chunks.push(chunk);
          if (bytes <= maxAnswerBytes) return;
          end(undefined);
          request.destroy();
        });
        response.on('end', () => end(Buffer.concat(chunks)));
        response.on('error', () => fail('answer cut off'));
      });
      // Something other than HTTP is spoken from here on, which is no answer.
      request.on('upgrade', () => fail('protocol error'));
      request.end(body);
    });

  return {
    post: async (body, headers) => {
      if (literal !== undefined && !allows(literal)) throw new NoAnswerError(refusedAddress);
      const end = performance.now() + timeoutMilliseconds;
      for (;;) {
        try {
          return await once(body, headers, end - performance.now());
        } catch (error) {
          // The endpoint closed a kept connection in the moment in which it was used again: that says nothing about the endpoint.
          if (!(error instanceof NoAnswerError) || error.message !== staleConnection) throw error;
        }
      }
    },
    close: () => agent.destroy(),
  };
}

const staleConnection = 'stale connection';
const refusedAddress = 'address not allowed';

function guardedLookup(allows: (address: string) => boolean, lookup: typeof dnsLookup): LookupFunction {
  return (hostname, { family, all }, done) => {
    lookup(hostname, { family, all: true }, (error, addresses) => {
      if (error) return done(error, '', 0);
      const [first, ...more] = addresses.filter(({ address }) => allows(address));
      if (!first) return done(Object.assign(new Error(refusedAddress), { code: 'EADDRNOTALLOWED' }), '', 0);
      return all ? done(null, [first, ...more]) : done(null, first.address, first.family);
    });
  };
}

/** A connection's failure in words that name no address. */
function reasonOf({ code = '' }: NodeJS.ErrnoException): string {
  if (code === 'EADDRNOTALLOWED') return refusedAddress;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'name not found';
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code.startsWith('HPE_')) return 'protocol error';
  if (/CERT|SSL|TLS|SELF_SIGNED|ALTNAME|UNABLE_TO/.test(code)) return 'TLS failure';
  return 'connection failed';
}

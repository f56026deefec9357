import type { lookup as dnsLookup } from 'node:dns';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpEndpoint, NoAnswerError } from '../../lambdas/http-bridge/endpoint.ts';
import { addressGuard } from '../../lambdas/http-bridge/guard.ts';
import { startEndpoint } from '../support/endpoints.ts';

/** A listener on every loopback address, which counts who comes. */
let listener: Server;
let port: number;
let connections = 0;
beforeAll(async () => {
  listener = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, '::');
  await once(listener, 'listening');
  port = (listener.address() as { port: number }).port;
});
afterAll(() => listener.close());

/** A DNS that answers as the test says. */
const dns = (...answers: string[][]): typeof dnsLookup =>
  ((_: string, __: object, done: (error: null, addresses: { address: string; family: number }[]) => void) => {
    const addresses = answers.length > 1 ? answers.shift() : answers[0];
    done(null, (addresses ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  }) as unknown as typeof dnsLookup;

async function post(url: string, lookup?: typeof dnsLookup, networks: string[] = []): Promise<string> {
  const endpoint = httpEndpoint({ url, timeoutMilliseconds: 500, connections: 1, guard: addressGuard(networks), ...(lookup && { lookup }) });
  try {
    return `status ${(await endpoint.post('{}', { connection: 'close' })).status}`;
  } catch (error) {
    if (error instanceof NoAnswerError) return error.message;
    throw error;
  } finally {
    endpoint.close();
  }
}

/** Loopback, link-local, private, metadata and reserved addresses, in every spelling that a URL takes. */
const spellings = [
  '127.0.0.1', '127.1', '127.0.1', '127.255.255.254', '0', '0.0.0.0', '0x7f.0.0.1', '0x7f000001', '2130706433', '017700000001', '0177.0.0.1',
  '127.0.0.1.', '１２７.０.０.１', '①②⑦.0.0.1', '%31%32%37.0.0.1', '10.0.0.1', '10.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.1',
  '0xc0.0xa8.0.1', '169.254.169.254', '169.254.1', '0xa9fea9fe', '2852039166', '100.64.0.1', '100.100.100.200', '192.0.0.192', '198.18.0.1',
  '192.0.2.1', '203.0.113.9', '192.88.99.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '[::1]', '[::]', '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::ffff:169.254.169.254]', '[::127.0.0.1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2002:a9fe:a9fe::1]', '[2001::1]', '[fe80::1]', '[fec0::1]', '[fc00::1]', '[fd00:ec2::254]', '[ff02::1]',
  '[2001:db8::1]', '[3fff::1]', '[100::1]', '[5f00::1]', '[2001:10::1]', '[2001:3::1]',
  '[2001:4:112::1]', '[2620:4f:8000::1]', '[4000::1]', '192.31.196.1', '192.52.193.1', '192.175.48.1',
];

describe('no endpoint lies at an address that is not public', () => {
  it.each(spellings)('%s is not dialled', async (host) => {
    expect(await post(`https://${host}:${port}/`)).toBe('address not allowed');
    expect(await post(`http://${host}:${port}/`)).toBe('address not allowed');
    expect(connections).toBe(0);
  });

  it.each([['127.0.0.1'], ['169.254.169.254'], ['::1'], ['::ffff:10.0.0.1'], ['fd00:ec2::254'], ['64:ff9b::7f00:1'], ['2002:7f00:1::'], ['10.0.0.1', '127.0.0.1']])(
    'a name that leads to %s is not dialled',
    async (...addresses) => {
      expect(await post(`https://endpoint.studio.com:${port}/`, dns(addresses))).toBe('address not allowed');
      expect(connections).toBe(0);
    },
  );

  it.each(['localhost', 'localhost.', 'a.localhost'])('%s is not dialled', async (host) => {
    expect(await post(`https://${host}:${port}/`)).toMatch(/^(address not allowed|name not found)$/);
    expect(connections).toBe(0);
  });

  it('a name that changes between two dials is checked at each', async () => {
    const other = createServer(() => undefined).listen(0, '127.0.0.2');
    await once(other, 'listening');
    const allowed = await startEndpoint((_, response) => response.writeHead(204).end());
    const url = `http://endpoint.studio.com:${allowed.port}/`;
    const changing = dns(['127.0.0.1'], ['127.0.0.2']);
    expect(await post(url, changing, ['127.0.0.1/32'])).toBe('status 204');
    expect(await post(url, changing, ['127.0.0.1/32'])).toBe('address not allowed');
    other.close();
    await allowed.close();
  });

  it('a redirect is not followed', async () => {
    const redirecting = await startEndpoint((_, response) => response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end());
    expect(await post(redirecting.url, undefined, ['127.0.0.0/8'])).toBe('status 307');
    expect(connections).toBe(0);
    await redirecting.close();
  });

  it('a network that the deployment lists is allowed, and plain http on loopback alone', () => {
    const guard = addressGuard(['10.20.0.0/16', '127.0.0.0/8']);
    expect(['10.20.1.1', '::ffff:10.20.1.1', '127.0.0.1'].map(guard.allows)).toEqual([true, true, true]);
    expect(['10.21.1.1', '::1', '169.254.169.254'].map(guard.allows)).toEqual([false, false, false]);
    expect(['10.20.1.1', '8.8.8.8', '127.0.0.1'].map(guard.allowsPlain)).toEqual([false, false, true]);
  });

  it('public addresses are allowed', () => {
    const guard = addressGuard([]);
    for (const address of ['8.8.8.8', '1.201.1.1', '2606:4700:4700::1111', '2a00:1450:4001::1']) expect(guard.allows(address), address).toBe(true);
  });

  it('the listener of these tests counts who comes', async () => {
    expect(await post(`http://127.0.0.1:${port}/`, undefined, ['127.0.0.0/8'])).toBe('connection failed');
    expect(connections).toBe(1);
  });

  it('anything else than an address is not', () => {
    const guard = addressGuard(['0.0.0.0/0']);
    fc.assert(fc.property(fc.string(), (text) => /^[\d.]+$/.test(text) || text.includes(':') || !guard.allows(text)));
  });
});

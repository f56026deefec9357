import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import { dataSchemaOf } from '../../lambdas/contracts/declared-data.ts';
import { eventData } from '../../lambdas/contracts/events.ts';
import { eventType } from '../../lambdas/contracts/names.ts';
import type { Delivery } from '../../lambdas/http-bridge/answer.ts';
import { type Endpoint, httpEndpoint } from '../../lambdas/http-bridge/endpoint.ts';
import { addressGuard } from '../../lambdas/http-bridge/guard.ts';
import { deliver } from '../../lambdas/http-bridge/handler.ts';
import { readSecrets } from '../../lambdas/http-bridge/signature.ts';
import { matchEnded } from '../support/catalog.ts';

const now = new Date();
const completed = eventType('action.completed');
const asked: CloudEvent = { specversion: '1.0', id: 'event-1', source: 'account-security', type: 'studio.match.ended.v1', subject: 'player-1', time: now.toISOString(), data: { actionId: 'action-1' } };
const done = { specversion: '1.0', type: completed, data: { actionId: 'action-1', outcome: 'done' } };
const timeoutMilliseconds = 600;
/** What buffers of both sides may hold of an answer that nobody reads on. */
const mostSent = 16 * 1024 * 1024;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A server that speaks as the test says once a request has come; `sent` is what it could send. */
async function speaking(speak: (socket: Socket, request: string) => void | Promise<void>): Promise<{ endpoint: Endpoint; port: number; sent: () => number; connections: () => number; said: () => Promise<unknown> }> {
  const sockets: Socket[] = [];
  const works: Promise<void>[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => works.push(Promise.resolve(speak(socket, data.toString()))));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const endpoint = httpEndpoint({ url: `http://127.0.0.1:${port}/in`, timeoutMilliseconds, connections: 1, guard: addressGuard(['127.0.0.0/8']) });
  ends.push(() => {
    endpoint.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { endpoint, port, sent: () => sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0), connections: () => sockets.length, said: () => Promise.all(works) };
}

const emits = new Map([[completed, eventData['action.completed']()], [matchEnded.type, await dataSchemaOf(matchEnded)]]);
const deliveredTo = (endpoint: Endpoint, event: CloudEvent = asked): Promise<Delivery> => deliver(event, { subscription: { name: 'game', mode: 'streaming' }, emits, endpoint, secrets: () => Promise.resolve([]), now: () => now });
const response = (body: string | Buffer, ...headers: string[]): Buffer =>
  Buffer.concat([Buffer.from(['HTTP/1.1 200 OK', 'content-type: application/cloudevents+json', `content-length: ${body.length}`, ...headers, '', ''].join('\r\n')), Buffer.from(body)]);

/** Writes without end, until nobody listens any more. */
async function flood(socket: Socket, chunk: () => Buffer, most = 200 * 1024 * 1024): Promise<void> {
  for (let bytes = 0; bytes < most && !socket.destroyed; ) {
    const part = chunk();
    bytes += part.length;
    if (!socket.write(part)) await Promise.race([once(socket, 'drain'), once(socket, 'close'), delay(5000)]).catch(() => undefined);
  }
}

const quickBrotli = (data: Buffer): Buffer => brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });

describe('an answer costs what was agreed, and no more', () => {
  const spaces = Buffer.alloc(64 * 1024, ' ');
  it.each([
    ['a body of 200 MB', 'content-length: 209715200', () => spaces, { cause: 'broken', reason: 'answer over 128 KiB' }],
    ['a body without end', 'connection: close', () => spaces, { cause: 'broken', reason: 'answer over 128 KiB' }],
    ['a body in chunks without end', 'transfer-encoding: chunked', () => Buffer.concat([Buffer.from('10000\r\n'), spaces, Buffer.from('\r\n')]), { cause: 'broken', reason: 'answer over 128 KiB' }],
    ['headers without end', 'x-first: 1', () => Buffer.from(`x-more: ${'x'.repeat(4000)}\r\n`), { cause: 'unavailable', reason: 'protocol error' }],
    ['a chunk with an extension without end', 'transfer-encoding: chunked', () => Buffer.from(`1;x=${'x'.repeat(64 * 1024)}`), { cause: 'unavailable' }],
  ])('%s is read only so far', async (what, header, chunk, expected) => {
    const { endpoint, sent, said } = await speaking(async (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n${what.startsWith('headers') ? '' : '\r\n'}`);
      await flood(socket, chunk);
    });
    const started = performance.now();
    expect(await deliveredTo(endpoint)).toMatchObject({ kind: 'held', ...expected });
    // Until nobody listens to it any more, or all was sent.
    await said();
    expect(sent()).toBeLessThan(mostSent);
    expect(performance.now() - started).toBeLessThan(timeoutMilliseconds + 5000);
  });

  it.each([['gzip', gzipSync], ['deflate', deflateSync], ['br', quickBrotli]] as const)('what is packed by %s is never unpacked', async (encoding, pack) => {
    const bomb = pack(Buffer.alloc(64 * 1024 * 1024, ' '));
    const before = process.memoryUsage().arrayBuffers;
    const { endpoint } = await speaking((socket) => void socket.end(response(bomb, `content-encoding: ${encoding}`)));
    expect(await deliveredTo(endpoint)).toMatchObject({ kind: 'held', cause: 'broken' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(mostSent);
  });

  it.each([
    ['byte by byte', 'HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n', ' '],
    ['one informational answer after the other', '', 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'],
    ['with headers that come one by one', 'HTTP/1.1 200 OK\r\n', 'x-a: 1\r\n'],
  ])('one that comes %s ends with the time-out over all of it', async (_, head, drop) => {
    const { endpoint } = await speaking(async (socket) => {
      socket.write(head);
      while (!socket.destroyed) {
        socket.write(drop);
        await delay(10);
      }
    });
    const started = performance.now();
    expect(await deliveredTo(endpoint)).toMatchObject({ kind: 'held', cause: 'unavailable' });
    expect(performance.now() - started).toBeLessThan(timeoutMilliseconds + 5000);
  });
});

describe('an answer is one answer, to the event that was posted', () => {
  it.each([
    ['two lengths', 'content-length: 5\r\ncontent-length: 0'],
    ['a length beside chunks', 'content-length: 5\r\ntransfer-encoding: chunked'],
    ['chunks twice', 'transfer-encoding: chunked\r\ntransfer-encoding: chunked, chunked'],
    ['a length that is negative', 'content-length: -1'],
    ['a length in other digits', 'content-length: 0x5'],
    ['a folded header', 'x-a: 1\r\n content-length: 5'],
    ['a header without a name', ': 5'],
    ['a NUL in a header', 'x-a: \u0000'],
  ])('with %s it is none', async (_, header) => {
    const { endpoint } = await speaking((socket) => void socket.end(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n${JSON.stringify(done)}`));
    expect((await deliveredTo(endpoint)).kind).toBe('held');
  });

  it('is followed by nothing that is taken for the answer to the next event', async () => {
    const { endpoint } = await speaking((socket, request) => {
      if (request.includes('"event-1"')) socket.write(Buffer.concat([Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'), response(JSON.stringify({ ...done, data: { actionId: 'action-2', outcome: 'done' } }))]));
      else socket.write('HTTP/1.1 422 No\r\ncontent-length: 0\r\n\r\n');
    });
    expect(await deliveredTo(endpoint)).toEqual({ kind: 'done', replies: [] });
    const next = await deliveredTo(endpoint, { ...asked, id: 'event-2', data: { actionId: 'action-2' } });
    expect(next.kind).not.toBe('done');
  });

  it('leads nowhere else', async () => {
    const other = await speaking(() => undefined);
    for (const status of [301, 302, 303, 307, 308]) {
      for (const location of ['http://169.254.169.254/latest/meta-data/iam/security-credentials/', `http://127.0.0.1:${other.port}/`, '//[::1]/', 'file:///proc/self/environ']) {
        const { endpoint, connections } = await speaking((socket) => void socket.end(`HTTP/1.1 ${status} Elsewhere\r\nlocation: ${location}\r\nrefresh: 0;url=${location}\r\ncontent-length: 0\r\n\r\n`));
        expect(await deliveredTo(endpoint)).toMatchObject({ kind: 'held', cause: 'misconfigured' });
        expect(connections()).toBe(1);
      }
    }
    expect(other.connections()).toBe(0);
    const { endpoint } = await speaking((socket) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'));
    expect(await deliveredTo(endpoint)).toMatchObject({ kind: 'held', cause: 'unavailable', reason: 'protocol error' });
  });
});

describe('a reply', () => {
  const replied = async (body: string | object, event = asked): Promise<Delivery> => {
    const { endpoint } = await speaking((socket) => void socket.end(response(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))));
    return deliveredTo(endpoint, event);
  };
  const reasonOf = (delivery: Delivery): string => ('reason' in delivery ? delivery.reason : 'done');

  it('completes no action when the event asked for none, and none but the one that it asked for', async () => {
    for (const data of [{}, { actions: [{ actionId: 'action-1' }] }, undefined, 'action-1', { actionId: 'action-2' }]) {
      expect(reasonOf(await replied(done, { ...asked, type: eventType('verdict.decided'), data })), JSON.stringify(data)).toBe('reply 0: another action');
    }
    expect(reasonOf(await replied(done))).toBe('done');
  });

  it('is of a time between its event and now', async () => {
    for (const [time, counts] of [['1970-01-01T00:00:00Z', false], ['0000-01-01T00:00:00Z', false], ['9999-01-01T00:00:00Z', false], [asked.time, true]] as const) {
      const delivery = await replied({ ...done, time });
      const [reply] = 'replies' in delivery ? delivery.replies : [];
      expect(reply?.time, time).toBe(counts ? time : now.toISOString());
    }
  });

  it('nested without end is the endpoint’s error, and harms nobody else', async () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(reasonOf(await replied(nested(60_000)))).toMatch(/answer is not/);
    const match = (levels: number) => `{"specversion":"1.0","type":"${matchEnded.type}","data":{"matchId":"m","more":${nested(levels)}}}`;
    expect(reasonOf(await replied(match(10)))).toBe('done');
    for (const levels of [64, 1000]) expect(reasonOf(await replied(match(levels)))).toBe('reply 0: data is not valid at /');
    expect((await replied(match(50_000))).kind).toBe('held');
  });

  it('counts as what it says last, and prototypes are fields like others', async () => {
    const text = JSON.stringify(done);
    expect(reasonOf(await replied(text.replace('{', '{"type":"loginward.account.erased.v1",')))).toBe('done');
    expect(reasonOf(await replied(text.replace(/\}$/, ',"type":"loginward.account.erased.v1"}')))).toBe('reply 0: a type that the subscription does not emit');
    const polluted = await replied(text.replace('"outcome"', '"__proto__":{"detail":"x"},"constructor":{"prototype":{"y":1}},"outcome"'));
    expect(polluted).toMatchObject({ kind: 'done', replies: [{ data: { actionId: 'action-1', outcome: 'done' } }] });
    expect(Object.keys(('replies' in polluted ? polluted.replies[0]?.data : {}) as object)).toEqual(['actionId', 'outcome']);
    expect('y' in {}).toBe(false);
  });

  it('is one of 100 at most', async () => {
    expect(await replied(Array.from({ length: 100 }, () => done))).toMatchObject({ kind: 'done', replies: { length: 100 } });
    expect(reasonOf(await replied(Array.from({ length: 101 }, () => done)))).toBe('answer is not a CloudEvent');
  });
});

describe('a request that we sign', () => {
  it('is known by its receiver from one that was changed, sent again later, or signed by another', async () => {
    const secret = `whsec_${Buffer.from('a secret of the endpoint').toString('base64')}`;
    const requests: string[] = [];
    const { endpoint } = await speaking((socket, request) => {
      requests.push(request);
      socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    });
    await deliver({ ...asked, id: 'lines\r\nwebhook-id: forged' }, { subscription: { name: 'game', mode: 'streaming' }, emits, endpoint, secrets: () => Promise.resolve(readSecrets(secret)), now: () => now });
    const [head = '', body = ''] = requests.join('').split('\r\n\r\n');
    const headers = Object.fromEntries(head.split('\r\n').slice(1).map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]));
    // An id is one header, whatever is in it.
    expect(head.match(/^webhook-id:/gim)).toHaveLength(1);
    const receiver = new Webhook(secret);
    expect(receiver.verify(body, headers)).toMatchObject({ subject: 'player-1' });
    const forged: [string, string, Record<string, string>][] = [
      ['another body', body.replace('player-1', 'player-2'), headers],
      ['another id', body, { ...headers, 'webhook-id': 'other' }],
      ['another time', body, { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 60) }],
      ['a later day', body, { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 86_400) }],
      ['no signature', body, { ...headers, 'webhook-signature': '' }],
      ['another version', body, { ...headers, 'webhook-signature': (headers['webhook-signature'] ?? '').replace('v1,', 'v1a,') }],
    ];
    for (const [what, text, changed] of forged) expect(() => receiver.verify(text, changed), what).toThrow(/signature|timestamp|headers/i);
    expect(() => new Webhook(`whsec_${Buffer.from('another secret of others').toString('base64')}`).verify(body, headers)).toThrow(/signature/i);
  });
});

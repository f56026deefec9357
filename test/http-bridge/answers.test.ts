import type { KeyObject } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import { eventData } from '../../lambdas/contracts/events.ts';
import type { Delivery } from '../../lambdas/http-bridge/answer.ts';
import { httpEndpoint } from '../../lambdas/http-bridge/endpoint.ts';
import { addressGuard } from '../../lambdas/http-bridge/guard.ts';
import { deliver } from '../../lambdas/http-bridge/handler.ts';
import { readSecrets } from '../../lambdas/http-bridge/signature.ts';
import { startEndpoint, type TestEndpoint } from '../support/endpoints.ts';

const now = new Date('2026-11-21T00:00:00Z');
const completed = 'loginward.action.completed.v1';
const event: CloudEvent = {
  specversion: '1.0',
  id: 'event-1',
  source: 'account-security',
  type: 'loginward.action.requested.v1',
  subject: 'player-1',
  time: now.toISOString(),
  traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
  acceptedtime: '2026-11-21T00:00:00.000Z',
  data: { actionId: 'action-1', response: 'kick' },
};
const reply = { specversion: '1.0', id: 'x', source: 'game', type: completed, subject: 'player-1', data: { actionId: 'action-1', outcome: 'done' } };

let answer: (response: ServerResponse) => void;
let endpoint: TestEndpoint;
beforeAll(async () => {
  endpoint = await startEndpoint((_, response) => answer(response));
});
afterAll(() => endpoint.close());

const guard = addressGuard(['127.0.0.0/8']);
function delivered(mode: 'streaming' | 'one-way' = 'streaming', of: CloudEvent = event, secrets: KeyObject[] = []): Promise<Delivery> {
  const http = httpEndpoint({ url: endpoint.url, timeoutMilliseconds: 400, connections: 1, guard });
  const emits = new Map([[completed, eventData['action.completed']()]]);
  return deliver(of, { subscription: { name: 'game', mode }, emits, endpoint: http, secrets: () => Promise.resolve(secrets), now: () => now }).finally(() => http.close());
}

const answers = (status: number, body: string | Buffer = '', headers: Record<string, string> = {}) => {
  answer = (response) => response.writeHead(status, { 'content-type': 'application/cloudevents+json', ...headers }).end(body);
};

/** The table of the decision record, by status. */
function expectedOf(status: number, mode: 'streaming' | 'one-way', body: keyof typeof bodies): string {
  if (status >= 500 || [408, 425, 429].includes(status)) return 'held unavailable';
  if ([404, 405, 410].includes(status) || (status >= 300 && status < 400)) return 'held misconfigured';
  if (status >= 400) return 'refused';
  if (status === 204 || mode === 'one-way') return 'done 0';
  if (status !== 200) return 'held broken';
  return { none: 'held broken', valid: 'done 1', malformed: 'held broken', oversized: 'held broken' }[body];
}
const bodies = { none: '', valid: JSON.stringify(reply), malformed: '{"specversion":', oversized: Buffer.alloc(128 * 1024 + 1, ' ') };

const saidOf = (delivery: Delivery): string =>
  delivery.kind === 'held' ? `held ${delivery.cause}` : delivery.kind === 'done' ? `done ${delivery.replies.length}` : 'refused';

describe('answers', () => {
  it.each(['streaming', 'one-way'] as const)('every status from 200 to 599 with each kind of body is judged as in the table (%s)', async (mode) => {
    for (const body of Object.keys(bodies) as (keyof typeof bodies)[]) {
      for (let status = 200; status < 600; status += 1) {
        // A response of these may have no body (RFC 9110, 6.4.1).
        answers(status, [204, 304].includes(status) ? '' : bodies[body]);
        expect(saidOf(await delivered(mode)), `${status} ${body}`).toBe(expectedOf(status, mode, body));
      }
    }
  });

  it('an empty batch is a swallow, and a batch becomes as many events', async () => {
    answers(200, '[]', { 'content-type': 'application/cloudevents-batch+json' });
    expect(saidOf(await delivered())).toBe('done 0');
    answers(200, JSON.stringify([reply, reply]), { 'content-type': 'application/cloudevents-batch+json' });
    expect(saidOf(await delivered())).toBe('done 2');
  });

  it.each([
    ['null', 'null'],
    ['a number', '7'],
    ['an object that is no event', '{}'],
    ['a batch that holds something else', '[1]'],
    ['what is not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['text', 'ok'],
  ])('200 with %s is an error of the endpoint, never a swallow', async (_, body) => {
    answers(200, body);
    expect(saidOf(await delivered())).toBe('held broken');
  });

  it('an answer that is cut off is an error of the endpoint', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"specversion"', () => response.socket?.destroy());
    };
    expect(await delivered()).toMatchObject({ kind: 'held', cause: 'broken', reason: 'answer cut off' });
  });

  it('one time-out holds over headers and body', async () => {
    answer = () => undefined;
    expect(await delivered()).toMatchObject({ kind: 'held', cause: 'unavailable', reason: 'time-out' });
    answer = (response) => {
      response.writeHead(200);
      response.write('{');
    };
    expect(await delivered()).toMatchObject({ kind: 'held', cause: 'unavailable', reason: 'time-out' });
  });

  it('a connection that is reset, or not HTTP, is unavailable', async () => {
    answer = (response) => response.socket?.destroy();
    expect(saidOf(await delivered())).toBe('held unavailable');
    answer = (response) => response.socket?.end('what?\r\n\r\n');
    expect(saidOf(await delivered())).toBe('held unavailable');
  });

  it.each([
    ['30', 30],
    ['7200', 3600],
    [new Date(now.getTime() + 90_000).toUTCString(), 90],
    ['soon', undefined],
    [new Date(now.getTime() - 90_000).toUTCString(), undefined],
  ])('Retry-After %s holds for %s seconds, at most an hour', async (header, seconds) => {
    answers(503, '', { 'retry-after': header });
    expect(await delivered()).toMatchObject({ kind: 'held', ...(seconds !== undefined && { retryAfterSeconds: seconds }) });
    if (seconds === undefined) expect(await delivered()).not.toHaveProperty('retryAfterSeconds');
  });

  it('a refusal keeps the status and the start of the body', async () => {
    answers(422, `no such match\n${'x'.repeat(1000)}`);
    expect(await delivered()).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/^status 422: no such match x{200,250}$/) });
  });

  it('a kept connection that the endpoint has closed says nothing about the endpoint', async () => {
    const http = httpEndpoint({ url: endpoint.url, timeoutMilliseconds: 400, connections: 1, guard });
    answer = (response) => {
      const { socket } = response;
      response.writeHead(204).end(() => setImmediate(() => socket?.destroy()));
    };
    for (let index = 0; index < 50; index += 1) expect((await http.post('{}', {})).status).toBe(204);
    http.close();
  });
});

describe('trust: what an endpoint replies', () => {
  it('is republished under an id of ours, from this subscription, one hop further, whatever it says', async () => {
    answers(200, JSON.stringify([{ ...reply, id: 'forged', source: 'account-security', time: '2030-01-01T00:00:00Z' }, reply]));
    const first = await delivered();
    const again = await delivered();
    expect(again).toEqual(first);
    const [one, two] = first.kind === 'done' ? first.replies : [];
    expect(one).toMatchObject({ source: 'subscriptions/game', subject: 'player-1', hops: 1, time: now.toISOString(), data: reply.data });
    expect(one?.traceparent).toMatch(/^00-1{32}-/);
    expect(one?.acceptedtime).toBe(event.acceptedtime);
    expect(new Set([one?.id, two?.id, 'forged', 'x']).size).toBe(4);
  });

  it.each([
    ['another subject', { subject: 'player-2' }],
    ['an undeclared type', { type: 'loginward.verdict.decided.v1' }],
    ['another action', { data: { actionId: 'action-2', outcome: 'done' } }],
    ['data that is not valid', { data: { actionId: 'action-1', outcome: 'maybe' } }],
  ])('of %s is refused, with all that came beside it', async (_, change) => {
    answers(200, JSON.stringify([reply, { ...reply, ...change }]));
    expect(await delivered()).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/^reply 1: /) });
  });

  it('is refused with a reason that fits beside the event, whatever it holds', async () => {
    const detail = { [`\u0001${'k'.repeat(5000)}`]: 1 };
    answers(200, JSON.stringify({ ...reply, data: { actionId: 7, outcome: detail } }));
    const delivery = await delivered();
    expect(delivery).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/^[\x20-\x7e]{10,250}$/) });
  });

  it('holds nothing that the bus refuses', async () => {
    answers(200, JSON.stringify({ ...reply, data: { actionId: 'action-1', outcome: 'done', detail: 'a\uFFFFb\uD800' } }));
    const delivery = await delivered();
    expect(delivery.kind === 'done' && delivery.replies[0]?.data).toMatchObject({ detail: 'a\uFFFDb\uFFFD' });
  });

  it('past 8 hops is refused', async () => {
    answers(200, JSON.stringify(reply));
    expect(saidOf(await delivered('streaming', { ...event, hops: 7 }))).toBe('done 1');
    expect(saidOf(await delivered('streaming', { ...event, hops: 8 }))).toBe('refused');
  });
});

describe('a request', () => {
  const [old, fresh] = ['whsec_b2xkLXNlY3JldC1rZXk=', 'whsec_bmV3LXNlY3JldC1rZXk='];

  it('is a CloudEvent in structured mode, signed after Standard Webhooks with every secret in force', async () => {
    answers(204);
    const real = { ...event };
    const http = httpEndpoint({ url: endpoint.url, timeoutMilliseconds: 400, connections: 1, guard });
    await deliver(real, { subscription: { name: 'game', mode: 'streaming' }, emits: new Map(), endpoint: http, secrets: () => Promise.resolve(readSecrets(JSON.stringify([fresh, old]))), now: () => new Date() });
    http.close();
    const { headers, body } = endpoint.got.at(-1) ?? { headers: {}, body: '' };
    expect(JSON.parse(body)).toEqual(event);
    expect(headers).toMatchObject({ 'content-type': 'application/cloudevents+json', 'webhook-id': 'event-1', traceparent: event.traceparent });
    for (const secret of [old, fresh]) expect(() => new Webhook(secret).verify(body, headers as Record<string, string>)).not.toThrow();
    expect(() => new Webhook('whsec_b3RoZXItc2VjcmV0').verify(body, headers as Record<string, string>)).toThrow('No matching signature found');
    expect(() => new Webhook(old).verify(`${body} `, headers as Record<string, string>)).toThrow('No matching signature found');
  });

  it('has an id that a header can hold, whatever id the producer chose', async () => {
    answers(204);
    expect(saidOf(await delivered('streaming', { ...event, id: '경기 1\r\nx: y' }))).toBe('done 0');
    expect(endpoint.got.at(-1)?.headers['webhook-id']).toBe('%EA%B2%BD%EA%B8%B0%201%0D%0Ax:%20y');
  });

  it('waits when its secret cannot be read, rather than go out unsigned', async () => {
    const got = endpoint.got.length;
    const http = httpEndpoint({ url: endpoint.url, timeoutMilliseconds: 400, connections: 1, guard });
    const services = { subscription: { name: 'game', mode: 'streaming' as const }, emits: new Map(), endpoint: http, now: () => now };
    expect(await deliver(event, { ...services, secrets: () => Promise.reject(new Error('denied')) })).toMatchObject({ kind: 'held', cause: 'misconfigured' });
    expect(endpoint.got).toHaveLength(got);
    http.close();
  });

  it.each(['', 'secret', '[]', '["whsec_YWJjZGVm","whsec_YWJjZGVm","whsec_YWJjZGVm"]', '{"a":1}'])('knows no secret in %j', (text) => {
    expect(() => readSecrets(text)).toThrow('whsec_');
  });
});

describe('an action that comes too late', () => {
  const until = (staleAfter: string): CloudEvent => ({ ...event, data: { actionId: 'action-1', response: 'kick', staleAfter } });
  const over = until('2026-11-20T23:59:59.999Z');

  it('is not posted, and ends as stale under the id that the first reply would have had', async () => {
    const got = endpoint.got.length;
    const stale = await delivered('streaming', over);
    expect(stale).toMatchObject({ kind: 'stale', replies: [{ type: completed, subject: 'player-1', source: 'subscriptions/game', hops: 1, data: { actionId: 'action-1', outcome: 'stale' } }] });
    expect(endpoint.got).toHaveLength(got);
    answers(200, JSON.stringify(reply));
    const posted = await delivered();
    expect(stale.kind === 'stale' && stale.replies[0]?.id).toBe(posted.kind === 'done' && posted.replies[0]?.id);
  });

  it('ends without a word when the subscription emits none', async () => {
    const post = () => Promise.reject(new Error('posted'));
    const services = { subscription: { name: 'game', mode: 'one-way' as const }, emits: new Map(), endpoint: { post }, secrets: () => Promise.resolve([]), now: () => now };
    expect(await deliver(over, services)).toEqual({ kind: 'stale', replies: [] });
  });

  it.each([
    ['at its last moment', until('2026-11-21T09:00:00+09:00')],
    ['of another type', { ...over, type: 'studio.match.ended.v1' }],
  ])('not so one %s', async (_, of) => {
    answers(204);
    expect(saidOf(await delivered('streaming', of))).toBe('done 0');
  });
});

import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import { eventNames, eventType, outsideEventNames } from '../../lambdas/contracts/names.ts';
import { services } from '../../lib/services.ts';
import { type CatalogFolders, catalogFolders, gameServer, matchEnded } from '../support/catalog.ts';
import { startEndpoint, type TestEndpoint } from '../support/endpoints.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { batch, changes, contact, single, textOf } from './forging/events.ts';
import { replies } from './forging/replies.ts';

/** What any function put onto the bus. */
const published: { readonly by: string; readonly event: CloudEvent }[] = [];
let endpoint: TestEndpoint;
let folders: CatalogFolders;
let chain: LocalChain;

/** The endpoint answers each match with the reply that its data names. */
function answer(body: string, response: ServerResponse): void {
  const event = JSON.parse(body) as CloudEvent<string, { matchId: string; actionId: string }>;
  const reply = replies[event.data.matchId]?.(event);
  if (reply === undefined) response.writeHead(204).end();
  else response.writeHead(200, { 'content-type': Array.isArray(reply) ? batch : single }).end(JSON.stringify(reply));
}

beforeAll(async () => {
  endpoint = await startEndpoint(({ body }, response) => answer(body, response));
  folders = await catalogFolders(
    { evil: { ...gameServer, name: 'evil', filter: undefined, eventTypes: [matchEnded.type], endpoint: endpoint.url, secret: undefined, parallelism: 20 } },
    { 'match-ended': matchEnded, closed: { ...matchEnded, type: 'studio.closed.v1', outsideProducers: false } },
  );
  chain = await startLocalChain({
    subscriptions: folders.subscriptions,
    eventTypes: folders.eventTypes,
    trouble: {
      before: (by, { operation, input }) => {
        if (operation === 'PublishBatch') for (const { message } of input.entries as { message: string }[]) published.push({ by: by.replace('loginward-local-', ''), event: JSON.parse(message) as CloudEvent });
      },
    },
  });
});
afterAll(async () => {
  await chain.remove();
  await folders.remove();
  await endpoint.close();
});

const post = async (body: unknown, headers: Record<string, string> = {}) => await chain.api.signed('/v1/events', { body: typeof body === 'string' ? body : textOf(body), headers: { 'content-type': single, ...headers } });
const publishedBy = (id: string) => published.filter(({ event }) => event.id === id);

describe('POST /v1/events', () => {
  it('takes no event that only we may make, however its type is written, alone or in a batch', async () => {
    const internal = eventNames.filter((name) => !(outsideEventNames as readonly string[]).includes(name)).map((name) => eventType(name));
    const own = 'loginward.contact.changed.v1';
    const lookalikes = [
      ...[own, eventType('account.erased')].flatMap((type) => [type.toUpperCase(), `L${type.slice(1)}`, ` ${type}`, `${type} `, `${type}\n`, `${type}\u0000`, `${type}\u200b`, `\ufeff${type}`, type.replace('o', 'о'), type.replace('o', 'ｏ'), type.replace('v1', 'v2'), type.replace('v1', 'v01'), type.replace('.v1', ''), encodeURIComponent(type).replace('.', '%2e'), `${type}.v1`, `loginward.${type}`]),
      'studio.closed.v1', 'studio.match.ended.v2', '*', '', '__proto__', 'constructor',
    ];
    const types: unknown[] = [...internal, ...lookalikes, [own], { toString: own }, null, 7, true];
    for (const [index, type] of types.entries()) {
      const id = `forged-type-${index}`;
      const { status } = await post({ ...contact, id, type });
      expect(status, JSON.stringify(type)).toBe(400);
      const mixed = await post([{ ...contact, id: `good-${id}` }, { ...contact, id, type }], { 'content-type': batch });
      expect(mixed.status, JSON.stringify(type)).toBe(207);
      expect(mixed.body.results.map((result: { status: number }) => result.status)).toEqual([202, 400]);
      expect([publishedBy(id).length, publishedBy(`good-${id}`).length], JSON.stringify(type)).toEqual([0, 1]);
    }
  });

  it('takes nothing of which an attribute or a field is not for a producer outside to say', async () => {
    for (const [index, [what, change]] of Object.entries(changes).entries()) {
      const id = `forged-attribute-${index}`;
      const { status, body } = await post({ ...contact, id, ...change(id) });
      expect(status, what).toBe(400);
      expect(body.errors.length, what).toBeGreaterThan(0);
      expect(published.some(({ event }) => JSON.stringify(event).includes(id)), what).toBe(false);
    }
    for (const source of [...services.map(({ name }) => name), 'subscriptions/evil']) expect((await post({ ...contact, id: 'forged-source', source })).body.errors[0].pointer, source).toBe('#/source');
    expect(publishedBy('forged-source')).toEqual([]);
  });

  it('reads an event from its body in the one announced form, whatever headers say beside it', async () => {
    const asBinary = Object.fromEntries(Object.entries({ ...contact, type: eventType('account.erased') }).flatMap(([name, value]) => (typeof value === 'string' ? [[`ce-${name}`, value]] : [])));
    // The binary mode of CloudEvents: attributes in headers, data in the body.
    expect((await post(contact.data, { ...asBinary, 'content-type': 'application/json' })).status).toBe(415);
    const beside = await post({ ...contact, id: 'beside-headers' }, asBinary);
    expect(beside.status).toBe(202);
    expect(publishedBy('beside-headers').map(({ event }) => event.type)).toEqual([contact.type]);
    for (const type of ['application/json', 'text/plain', 'application/cloudevents+xml', `${single}, ${batch}`, `${batch}+json`, `${single};charset=utf-16`, `x${single}`, 'multipart/form-data; boundary=a']) {
      expect((await post({ ...contact, id: 'other-type' }, { 'content-type': type })).status, type).toBe(415);
    }
    const twice = JSON.stringify({ ...contact, id: 'two-types' });
    expect((await post(twice.replace('{', `{"type":"${eventType('account.erased')}",`))).status).toBe(202);
    expect(publishedBy('two-types').map(({ event }) => event.type)).toEqual([contact.type]);
    expect((await post(twice.replace(/\}$/, `,"type":"${eventType('account.erased')}"}`))).status).toBe(400);
    for (const body of [[contact], [[contact]], [], null, 'x', 7]) expect((await post(body)).status, JSON.stringify(body)).toBe(400);
    for (const body of [[[contact]], [], contact, [null], ['x']]) expect((await post(body, { 'content-type': batch })).status, JSON.stringify(body)).toBe(400);
    expect((await post(Array.from({ length: 101 }, () => contact), { 'content-type': batch })).status).toBe(413);
    expect(publishedBy('other-type')).toEqual([]);
  });

  it('says itself when an event was accepted, how far it came, and whether its trace is kept', async () => {
    const traceparent = `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`;
    const before = Date.now();
    // A producer outside may choose the id of another event: it stays an event of its own source and type.
    const login = await chain.api.signed('/v1/logins', { body: { accountId: 'forger', id: 'one', ip: '8.8.8.8' } });
    expect(login.status).toBe(202);
    await chain.settled();
    const ours = published.find(({ event }) => event.subject === 'forger')?.event;
    expect((await post({ ...contact, subject: 'forger', id: ours?.id, traceparent }, { traceparent: 'nonsense' })).status).toBe(202);
    await chain.settled();
    const [theirs] = published.flatMap(({ by, event }) => (by === 'publisher-api' && event.id === ours?.id && event.type === contact.type ? [event] : []));
    expect(theirs).not.toHaveProperty('hops');
    expect(Date.parse(theirs?.acceptedtime ?? '')).toBeGreaterThanOrEqual(before);
    expect(theirs?.traceparent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]$/);
    expect((await chain.api.signed('/v1/accounts/forger/logins')).body.items).toHaveLength(1);
  });
});

describe('what an endpoint answers', () => {
  it('gets onto the bus only as what it was asked for, of the account that it was asked about', async () => {
    for (const name of Object.keys(replies)) {
      const event = { ...contact, source: 'studio/matches', id: `match-${name}`, type: matchEnded.type, subject: `of-${name.replaceAll(/[^\w.-]/g, '_')}`, data: { matchId: name, actionId: `action-${name}` } };
      expect((await post(event)).status, name).toBe(202);
    }
    const isAnswered = (name: string) => endpoint.got.some(({ body }) => (JSON.parse(body) as CloudEvent).id === `match-${name}`);
    while (!Object.keys(replies).every(isAnswered)) await delay(50);
    const fromEndpoints = () => published.filter(({ by }) => by === 'http-bridge-evil').map(({ event }) => event);
    while (fromEndpoints().length === 0) await delay(50);
    // Each refused one is tried three times, and stays so.
    while (!Object.keys(replies).every((name) => name === 'good' || endpoint.got.filter(({ body }) => (JSON.parse(body) as CloudEvent).id === `match-${name}`).length >= 2)) await delay(100);

    const of = new Map(fromEndpoints().map((event) => [event.id, event]));
    expect([...of.values()].map(({ subject }) => subject)).toEqual(['of-good']);
    const [good] = of.values();
    expect(good).toMatchObject({ type: eventType('action.completed'), source: 'subscriptions/evil', hops: 1, data: { actionId: 'action-good', outcome: 'done' } });
    expect(Object.keys(good ?? {}).toSorted()).toEqual(['acceptedtime', 'data', 'datacontenttype', 'hops', 'id', 'source', 'specversion', 'subject', 'time', 'traceparent', 'type']);
    expect(Object.keys(good?.data ?? {}).toSorted()).toEqual(['actionId', 'outcome']);
    expect(good?.id).not.toBe('chosen-by-the-endpoint');
    expect(Math.abs(Date.now() - Date.parse(good?.time ?? ''))).toBeLessThan(120_000);
    expect(good?.acceptedtime).not.toBe('2020-01-01T00:00:00Z');
  });
});

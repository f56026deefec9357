import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { services } from '../../lib/services.ts';
import { catalogFolders, type CatalogFolders } from '../support/catalog.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { type Attack, type Attacker, attacker, type Reply, tell } from './support/attacker.ts';
import { type BodyRoute, bodyRoutes, callRoute } from './support/routes.ts';

/** Stands in every body; no answer may repeat it. */
const secret = 'hunter2-do-not-repeat';
const mebibyte = 1024 * 1024;

/** An event type that takes nearly everything, and is slow where it does not: what its schema leaves open is ours to bear. */
const dataSchema = { type: 'object', properties: { name: { type: 'string', pattern: '^(a+)+$' }, items: { type: 'array', uniqueItems: true } } };
const torture = { type: 'studio.torture.v1', owner: 'match team', dataSchema, outsideProducers: true };

let catalog: CatalogFolders;
let chain: LocalChain;
let foe: Attacker;
beforeAll(async () => {
  catalog = await catalogFolders({}, { torture });
  chain = await startLocalChain({ eventTypes: catalog.eventTypes });
  foe = attacker(chain.local.url);
});
afterAll(async () => {
  foe?.close();
  await chain?.remove();
  await catalog?.remove();
});

/** A body made of a good one: with a field more, or another text around it. */
type Spoil = (good: string) => string | Buffer;
const inside = (fields: string): Spoil => (good) => `{${fields},${good.slice(1)}`;
const nested = (open: string, close: string, depth = 100_000) => `${open.repeat(depth)}${close.repeat(depth)}`;

/** What is not JSON in UTF-8, or is no object of these fields: 400, which names where. */
const bad: readonly (readonly [string, Spoil])[] = [
  ['nothing', () => ''],
  ['only spaces', () => ' \n\t'],
  ['null', () => 'null'],
  ['true', () => 'true'],
  ['a number', () => '1'],
  ['a text', () => `"${secret}"`],
  ['an empty array', () => '[]'],
  ['an empty object', () => '{}'],
  ['100,000 arrays in each other', () => nested('[', ']')],
  ['100,000 arrays that do not end', () => '['.repeat(100_000)],
  ['100,000 objects in each other', () => nested('{"a":', '}').replace('}', '1}')],
  ['a field of 100,000 arrays', inside(`"deep":${nested('[', ']')}`)],
  ['10,000 unknown fields', inside(Array.from({ length: 10_000 }, (_, index) => `"f${index}":"${secret}"`).join(','))],
  ['an unknown field', inside(`"extra":"${secret}"`)],
  ['__proto__', inside(`"__proto__":{"isAdmin":"${secret}"}`)],
  ['constructor', inside(`"constructor":{"prototype":{"isAdmin":"${secret}"}}`)],
  ['toString', inside(`"toString":"${secret}"`)],
  ['a number too large for one', inside('"extra":1e400')],
  ['a number of 100,000 digits', inside(`"extra":${'9'.repeat(100_000)}`)],
  ['NaN', inside('"extra":NaN')],
  ['a number with a zero before it', inside('"extra":01')],
  ['half a surrogate pair as a name', inside(`"\\ud800":"${secret}"`)],
  ['NUL as a name', inside(`"\\u0000":"${secret}"`)],
  ['a name with a line break', inside(`"a\\r\\nb":"${secret}"`)],
  ['a name of 100,000 characters', inside(`"${'n'.repeat(100_000)}":"${secret}"`)],
  ['garbage behind it', (good) => `${good}${secret}`],
  ['the same twice', (good) => `${good}${good}`],
  ['a comma too many', (good) => good.replace(/\}$/, ',}')],
  ['a comment', (good) => `/* ${secret} */${good}`],
  ['single quotes', (good) => good.replaceAll('"', "'")],
  ['NUL behind it', (good) => `${good}\0`],
  ['UTF-16', (good) => Buffer.from(good, 'utf16le')],
  ['bytes that are no UTF-8', (good) => Buffer.concat([Buffer.from('{"extra":"'), Buffer.from([0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80]), Buffer.from(`",${good.slice(1)}`)])],
  ['base64 of it', (good) => Buffer.from(good).toString('base64')],
];

/** An answer that says what is wrong as it should, and nothing of what was sent. */
function expectProblem({ status, headers, text, body }: Reply, expected: number): void {
  expect({ status, type: headers['content-type'], stated: body?.status }, text).toEqual({ status: expected, type: 'application/problem+json', stated: expected });
  if (expected === 400) expect(body.errors?.[0]?.pointer, text).toMatch(/^#/);
  expect(text).not.toContain(secret);
  expect(text.length).toBeLessThan(20_000);
}

const nameOf = ({ method, path, good }: BodyRoute): string => `${method} ${path}${'type' in good ? ` of ${String(good['type'])}` : ''}`;
const call = (route: BodyRoute, attack: Omit<Attack, 'path' | 'method'>) => callRoute(foe, route, attack);

/** The run goes on as before. */
async function expectAlive(route: BodyRoute): Promise<void> {
  const reply = await call(route, { body: JSON.stringify(route.good) });
  expect(reply.status, reply.text).toBe(route.status);
}

it('reaches every route that takes a body', () => {
  const taking = services.flatMap(({ api }) => api?.routes ?? []).filter(({ method, path }) => method !== 'GET' && method !== 'DELETE' && !path.includes('{loginId}') && path !== '/v1/not-me');
  const attacked = bodyRoutes.map(({ method, path }) => `${method} ${path.replace('/torture/', '/{accountId}/')}`);
  expect([...new Set(attacked)].toSorted()).toEqual(taking.map(({ method, path }) => `${method} ${path}`).toSorted());
});

describe.each(bodyRoutes.map((route) => [nameOf(route), route] as const))('%s', (_, route) => {
  const good = JSON.stringify(route.good);

  it('refuses what is no body of its own, and says where', async () => {
    for (const [name, spoil] of bad) {
      const reply = await call(route, { body: spoil(good) });
      expect(reply.status, `${name}: ${reply.text}`).toBe(400);
      expectProblem(reply, 400);
    }
    await expectAlive(route);
  });

  it('refuses another type, charset or coding of the content with 415, and unpacks no bomb', async () => {
    const types = ['text/plain', 'application/jsonx', 'application/json; charset=utf-16', `${route.type}; charset=latin1`, 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', ',', ''];
    for (const type of types) expectProblem(await call(route, { body: good, headers: { 'content-type': type } }), 415);
    const bomb = Buffer.alloc(100 * mebibyte, ' ');
    for (const [coding, body] of [['gzip', gzipSync(bomb)], ['deflate', deflateSync(bomb)], ['br', brotliCompressSync(bomb.subarray(0, mebibyte))], ['gzip', Buffer.from(good)], ['gzip, gzip', gzipSync(good)]] as const) {
      expectProblem(await call(route, { body, headers: { 'content-encoding': coding } }), 415);
    }
    await expectAlive(route);
  });

  it('takes a body in chunks, with a byte order mark, and of nearly 1 MiB; one byte more is 413', async () => {
    const padded = (bytes: number) => good + ' '.repeat(bytes - good.length);
    for (const body of [`\uFEFF${good}`, padded(mebibyte - 1), padded(mebibyte)]) expect((await call(route, { body })).status).toBe(route.status);
    expect((await call(route, { body: good, isChunked: true })).status).toBe(route.status);
    expectProblem(await call(route, { body: padded(mebibyte + 1) }), 413);
    const tooLarge = await call(route, { body: padded(10 * mebibyte + 1) });
    expect({ status: tooLarge.status, body: tooLarge.body }).toEqual({ status: 413, body: { message: 'Request Entity Too Large' } });
    await expectAlive(route);
  });
});

describe('a batch', () => {
  const login = { accountId: 'torture', ip: '1.201.1.1' };
  const [posting = bodyRoutes[0] as BodyRoute] = bodyRoutes;
  const post = (body: unknown) => call(posting, { body: JSON.stringify(body) });

  it('holds 1 to 100; 101 are 413', async () => {
    expect((await post(Array.from({ length: 100 }, () => login))).status).toBe(202);
    expectProblem(await post(Array.from({ length: 101 }, () => login)), 413);
    expectProblem(await post([]), 400);
  });

  it('of all that is bad answers for each, and no more than for 100 fields', async () => {
    const { status, body, text } = await post([login, null, [], [[login]], 'x', { ...login, extra: secret }, { ...login, ip: secret }, { ...login, accountId: `${secret}\n` }]);
    expect({ status, each: body.results.map((each: { status: number }) => each.status) }).toEqual({ status: 207, each: [202, 400, 400, 400, 400, 400, 400, 400] });
    expect(text).not.toContain(secret);
    const many = await post(Array.from({ length: 100 }, () => ({ a: 1, b: 2, c: 3 })));
    expect({ status: many.status, errors: many.body.errors.length }).toEqual({ status: 400, errors: 100 });
  });
});

describe('an event type of the company\'s own that takes nearly everything', () => {
  const route = bodyRoutes.find(({ good }) => good['type'] === torture.type) as BodyRoute;
  const send = (data: string) => call(route, { body: JSON.stringify({ ...route.good, data: 'DATA' }).replace('"DATA"', data) });

  it('takes no data that nobody could write again: nested deeper than 64', async () => {
    expect((await send(`{"a":${nested('[', ']', 60)}}`)).status).toBe(202);
    for (const data of [`{"a":${nested('[', ']')}}`, nested('{"a":', '}').replace('}', '1}'), `{"a":${nested('[', ']', 65)}}`]) {
      const reply = await send(data);
      expectProblem(reply, 400);
      expect(reply.body.errors[0].pointer).toBe('#/data');
    }
    await chain.settled();
    await expectAlive(route);
  });
});

describe('an event type of the company\'s own whose schema is slow to check', () => {
  const route = bodyRoutes.find(({ good }) => good['type'] === torture.type) as BodyRoute;
  const events = (data: object, count: number) => Array.from({ length: count }, (_, index) => ({ ...route.good, id: `slow-${index}`, data }));
  const post = (body: unknown) => call({ ...route, type: 'application/cloudevents-batch+json' }, { body: JSON.stringify(body) });

  it.each([
    ['a pattern that tries for ever', { name: `${'a'.repeat(50)}!` }],
    ['items that must differ', { items: Array.from({ length: 50_000 }, (_, index) => ({ index })) }],
  ])('%s: that event is refused, its neighbour is taken', async (_, data) => {
    const begin = performance.now();
    const { status, body } = await post([...events(data, 1), route.good]);
    expect({ status, each: body.results.map((each: { status: number }) => each.status) }).toEqual({ status: 207, each: [400, 202] });
    expect(body.results[0].problem.errors).toEqual([{ pointer: '#/0/data', detail: 'takes too long to check against its schema' }]);
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  it('a batch of 100 of them: 400, in time', async () => {
    expectProblem(await post(events({ name: `${'a'.repeat(50)}!` }, 100)), 400);
    await expectAlive(route);
  });
});

it('nothing of it was a 5xx, broke a function, or is in a log', async () => {
  await chain.settled();
  expect(tell('json', foe)).toBe(0);
  expect(process.memoryUsage().rss).toBeLessThan(2 ** 30);
  for (const name of chain.local.functions) {
    const log = await readFile(join(chain.data, 'logs', `${name}.log`), 'utf8');
    expect(log).not.toContain(secret);
    expect(log).not.toContain('A request failed');
  }
  expect(chain.reports).toEqual([]);
});

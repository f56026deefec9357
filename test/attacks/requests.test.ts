import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { services } from '../../lib/services.ts';
import { addresses } from '../chain/suite.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { type Attack, type Attacker, attacker, type Reply, tell } from './support/attacker.ts';

let chain: LocalChain;
let foe: Attacker;
beforeAll(async () => {
  chain = await startLocalChain();
  foe = attacker(chain.local.url);
  const logins = ['ann', 'bob'].flatMap((accountId) => Array.from({ length: 5 }, (_, index) => ({ accountId, ip: addresses.KR, id: `${index}` })));
  await post('/v1/logins', logins);
  await chain.settled();
});
afterAll(async () => {
  foe?.close();
  await chain?.remove();
});

const json = { 'content-type': 'application/json' };
const post = (path: string, body: unknown, type = 'application/json'): Promise<Reply> => foe.signed({ method: 'POST', path, headers: { 'content-type': type }, body: JSON.stringify(body) });
const contact = (subject: string) =>
  post('/v1/events', { specversion: '1.0', id: subject, source: 'tests', type: 'loginward.contact.changed.v1', subject, time: new Date(Date.now() - 100 * 3_600_000).toISOString(), data: { email: `${subject}@example.com` } }, 'application/cloudevents+json');
const routes = services.flatMap(({ api }) => api?.routes ?? []);
const filled = (path: string): string => path.replaceAll(/\{\w+\}/g, '3f2504e0-4f89-41d3-9a0c-0305e82c3301');
/** As the route asks. */
const call = (authorization: string, attack: Attack): Promise<Reply> =>
  authorization === 'iam' ? foe.signed(attack) : authorization === 'player' ? foe.asPlayer('caller', attack) : foe.send(attack);

describe('a cursor', () => {
  const first = async (accountId: string) => (await foe.asPlayer(accountId, { path: '/v1/me/logins?limit=2' })).body;
  const read = (accountId: string, cursor: string, list = '/v1/me/logins') => foe.asPlayer(accountId, { path: `${list}?cursor=${encodeURIComponent(cursor)}` });
  const refused = { status: 400, type: 'https://loginward.dev/problems/invalid-cursor' };

  it('may be used again, and goes on where the page ended', async () => {
    const { cursor, items } = await first('ann');
    const pages = [await read('ann', cursor), await read('ann', cursor)];
    expect(pages[0]?.body).toEqual(pages[1]?.body);
    expect(pages[0]?.body.items).toHaveLength(3);
    expect(pages[0]?.body.items).not.toContainEqual(items[0]);
  });

  it('that is altered at any place, cut short or longer is refused', async () => {
    const { cursor } = (await first('ann')) as { cursor: string };
    const altered = Array.from(cursor, (character, index) => `${cursor.slice(0, index)}${character === 'A' ? 'B' : 'A'}${cursor.slice(index + 1)}`);
    const others = [cursor.slice(1), cursor.slice(0, -1), `${cursor}=`, `${cursor} `, `${cursor}A`, `${cursor}${cursor}`, 'null', '0', 'x'.repeat(1024), '__proto__', '\u0000', Buffer.from('{}').toString('base64')];
    for (const each of [...altered, ...others]) {
      const { status, body, text } = await read('ann', each);
      expect({ status, type: body.type, cursor: each }).toEqual({ ...refused, cursor: each });
      if (each.length > 8) expect(text).not.toContain(each);
    }
    for (const each of ['', 'x'.repeat(1025)]) expect((await read('ann', each)).status).toBe(400);
  });

  it('of another account or list is refused, whoever sends it', async () => {
    const { cursor } = await first('ann');
    const replies = [
      await read('bob', cursor),
      await read('ann', cursor, '/v1/me/trips'),
      await foe.signed({ path: `/v1/accounts/bob/logins?cursor=${cursor}` }),
    ];
    for (const { status, body } of replies) expect({ status, type: body.type }).toEqual(refused);
    // Support reads the same list of the same account.
    expect((await foe.signed({ path: `/v1/accounts/ann/logins?cursor=${cursor}` })).status).toBe(200);
  });
});

describe('query parameters', () => {
  it('that a route does not know are refused with their names, on each route', async () => {
    for (const { method, path, authorization } of routes) {
      const body = method === 'POST' || method === 'PUT' ? { headers: json, body: '{}' } : {};
      const { status, body: problem } = await call(authorization, { method, path: `${filled(path)}?hunter2=1`, ...body });
      expect({ status, pointers: problem.errors?.map(({ pointer }: { pointer: string }) => pointer) }, `${method} ${path}`).toMatchObject({ status: 400, pointers: expect.arrayContaining(['#/hunter2']) });
    }
  });

  it.each(['limit=0', 'limit=101', 'limit=-1', 'limit=1e1', 'limit=1.0', 'limit=%D9%A1', 'limit=%201', 'limit=', 'limit', 'limit=1&limit=2', 'limit[]=1', 'limit=1%00', 'LIMIT=1', '__proto__=1', 'constructor=1', 'toString=1', '%ff=1', 'limit=%ff', 'limit=%', 'cursor=a&cursor=b', 'a'.repeat(2000)])(
    '?%s: 400',
    async (query) => {
      expect((await foe.asPlayer('ann', { path: `/v1/me/logins?${query}` })).status).toBe(400);
    },
  );
});

describe('paths', () => {
  const tricks = [
    ['/v1/me/%2e%2e/accounts/ann/logins', '/v1/me/../accounts/ann/logins', '/v1/me/..;/accounts/ann/logins', '/v1/me/..%2faccounts/ann/logins', '/v1/me/%252e%252e/accounts/ann/logins'],
    ['//v1/accounts/ann/logins', '/v1//accounts/ann/logins', '/v1/accounts//logins', '/v1/accounts/ann/logins/', '/v1/accounts/ann/logins;x=1', '/v1/accounts/ann/logins%00', '/v1/accounts/ann/logins%20'],
    ['/V1/ACCOUNTS/ann/LOGINS', '/v1\\accounts\\ann\\logins', '/v1/accounts/ann%2flogins', '/v1/accounts/ann/logins%2f', '/v1/accounts/ann%3f/logins', '/./v1/accounts/ann/logins', '/v1/./accounts/ann/logins', '/v1/accounts/ann/%6cogins'],
  ].flat();

  it.each(tricks)('%s lets nobody without a signature see an account', async (path) => {
    for (const reply of [await foe.send({ path }), await foe.asPlayer('bob', { path })]) {
      expect([400, 401, 403, 404]).toContain(reply.status);
      expect(reply.text).not.toContain('items');
    }
  });

  it.each(['a%2Fb', 'a%252Fb', '%2e%2e', '..%2f..%2fbob', 'a%00', 'a%0d%0ab', '%F0%9F%92%A9', '%ff', '%20', 'a'.repeat(129), '%3Cscript%3E', 'ann;bob', 'ann,bob', '*'])(
    'the account %s is none: 400, and not in the answer',
    async (account) => {
      for (const path of [`/v1/accounts/${account}/logins`, `/v1/accounts/${account}/standing`]) {
        const { status, text } = await foe.signed({ path });
        // `..` is resolved before it is signed and sent, as every client does.
        if (account === '%2e%2e') expect(status).toBe(404);
        else expect(status, `${path}: ${text}`).toBe(400);
        expect(text).not.toMatch(/script|bob/);
      }
    },
  );

  it('know no method but their own: 404 of API Gateway', async () => {
    for (const path of new Set(routes.map((route) => route.path))) {
      const own = routes.filter((route) => route.path === path);
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'].filter((each) => own.every((route) => route.method !== each))) {
        const { status, text } = await call(own[0]?.authorization ?? '', { method, path: filled(path), headers: { 'x-http-method-override': own[0]?.method ?? '' } });
        expect({ status, text, method }, path).toEqual({ status: 404, text: method === 'HEAD' ? '' : '{"message":"Not Found"}', method });
      }
    }
  });
});

describe('headers', () => {
  const settings = { homeCountries: ['KR'], responses: { login_abroad: ['email'], new_country: ['email'], unlocated: ['none'] } };
  const put = (ifMatch: string) => foe.asPlayer('matcher', { method: 'PUT', path: '/v1/me/security-settings', headers: { ...json, 'if-match': ifMatch }, body: JSON.stringify(settings) });

  it.each([['"0"', 200], ['*', 200], ['"9", "0"', 200], ['"0" ', 200], ['W/"0"', 412], ['0', 412], ['""', 412], ['"00"', 412], ['"1"', 412], ['"-0"', 412], ['"0', 412], ["'0'", 412], ['"__proto__"', 412], ['null', 412], [Array.from({ length: 1000 }, () => '"9"').join(','), 412]] as const)(
    'If-Match %s: %i',
    async (ifMatch, status) => {
      expect((await put(ifMatch)).status).toBe(status);
    },
  );

  it('that say where a request came from change nothing: codes of one network stay limited', async () => {
    const accounts = Array.from({ length: 14 }, (_, index) => `networked-${index}`);
    for (const account of accounts) await contact(account);
    await chain.settled();
    for (const [index, accountId] of accounts.entries()) {
      const from = `203.0.113.${index}`;
      const spoofed = { ...json, 'x-forwarded-for': from, forwarded: `for=${from}`, 'x-real-ip': from, 'cf-connecting-ip': from, 'true-client-ip': from, 'x-client-ip': from };
      const { status } = await foe.send({ method: 'POST', path: '/v1/unlock-challenges', headers: spoofed, body: JSON.stringify({ accountId, channel: 'email' }) });
      expect(status).toBe(202);
    }
    await chain.settled();
    const sent = await Promise.all(accounts.map((account) => chain.messages(account)));
    expect(sent.flat()).toHaveLength(10);
  });

  it('no answer is cached or guessed, and none says by what it was made', async () => {
    for (const { method, path, authorization } of routes.filter((route) => route.method === 'GET')) {
      const { headers } = await call(authorization, { method, path: filled(path) });
      expect({ cached: headers['cache-control'], guessed: headers['x-content-type-options'], by: headers['x-powered-by'] ?? headers['server'] }, path).toEqual({ cached: 'no-store', guessed: 'nosniff', by: undefined });
    }
  });
});

describe('what is no HTTP', () => {
  /** Sends bytes, and waits for what comes back. */
  async function raw(bytes: string): Promise<string> {
    const socket = connect(Number(new URL(chain.local.url).port), '127.0.0.1');
    // Whoever is refused may have the connection reset.
    socket.on('error', () => undefined);
    socket.end(bytes, 'latin1');
    return textOf(socket).catch(() => '');
  }
  const start = 'POST /v1/unlock-challenges HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
  const smuggled = 'GET /v1/accounts/ann/logins HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

  it.each([
    ['two lengths', `${start}Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`],
    ['a length and chunks', `${start}Content-Length: ${smuggled.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['an unknown transfer coding', `${start}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['a length that is none', `${start}Content-Length: 1e1\r\n\r\n{}`],
    ['a header folded', `${start}X-A: 1\r\n b: 2\r\nContent-Length: 0\r\n\r\n`],
    ['a header with a bare line feed', `${start}X-A: 1\nX-B: 2\r\nContent-Length: 0\r\n\r\n`],
    ['NUL in a header', `${start}X-A: \0\r\nContent-Length: 0\r\n\r\n`],
    ['a space before the colon', `${start}Content-Length : 0\r\n\r\n`],
    ['a header of 100,000 characters', `${start}X-A: ${'a'.repeat(100_000)}\r\n\r\n`],
    ['10,000 headers', `${start}${'X-A: 1\r\n'.repeat(10_000)}\r\n`],
    ['no host', 'GET /v1/me/logins HTTP/1.1\r\n\r\n'],
    ['another host', 'GET /local/messages HTTP/1.1\r\nHost: attacker.example\r\n\r\n'],
    ['another host in its target', 'GET http://attacker.example/v1/me/logins HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
    ['CONNECT', 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc'],
    ['a path that is none', 'GET \\..\\ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
  ])('%s: refused, and the run goes on', async (_, bytes) => {
    const statuses = [...(await raw(bytes)).matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
    for (const status of statuses) expect([400, 401, 403, 404, 415, 431]).toContain(status);
    expect((await foe.asPlayer('ann', { path: '/v1/me/logins' })).status).toBe(200);
  });
});

describe('the link of a notice', () => {
  it('changes nothing until its button is pressed, works once, and for nobody else', async () => {
    await contact('linked');
    await chain.settled();
    await post('/v1/logins', { accountId: 'linked', ip: addresses.US });
    await chain.settled();
    const [message] = await chain.messages('linked');
    const token = /\/v1\/not-me\?token=([\w.-]+)/.exec(message?.text ?? '')?.[1] ?? '';
    const path = `/v1/not-me?token=${token}`;
    const standing = async () => (await foe.signed({ path: '/v1/accounts/linked/standing' })).body.state;
    const [claims = '', mac = ''] = token.split('.');
    const [, loginId, ends] = JSON.parse(Buffer.from(claims, 'base64url').toString()) as [string, string, number];
    const put = (...payload: unknown[]) => `${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${mac}`;
    const forged = [put('ann', loginId, ends), put('linked', loginId, ends + 1), put('linked', ends, loginId), `${claims}.`, claims, `.${mac}`, `${token}A`, token.slice(0, -2), `${claims}.${mac}.${mac}x`.replace('.', '..'), 'x'.repeat(1024), '{}', '\u0000'];
    for (const each of forged) {
      for (const method of ['GET', 'POST']) {
        const { status, text } = await foe.send({ method, path: `/v1/not-me?token=${encodeURIComponent(each)}` });
        expect(status, `${method} ${each}`).toBe(400);
        expect(text).not.toContain('<form');
      }
    }
    const scanners: Record<string, string>[] = [{}, { 'user-agent': 'mail scanner' }, { purpose: 'prefetch' }];
    for (const headers of scanners) expect((await foe.send({ path, headers })).status).toBe(200);
    expect((await foe.send({ path: `${path}&token=${token}` })).status).toBe(400);
    await chain.settled();
    expect(await standing()).toBe('active');
    expect([(await foe.send({ method: 'POST', path })).status, (await foe.send({ method: 'POST', path })).status]).toEqual([200, 409]);
    await chain.settled();
    expect(await standing()).toBe('locked');
  });
});

it('nothing of it was a 5xx', () => {
  expect(tell('requests', foe)).toBe(0);
});

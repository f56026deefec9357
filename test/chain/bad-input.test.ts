import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeyPair, importJWK, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audience, issuer } from '../../local/front/issuer.ts';
import type { Answer } from '../support/local-client.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';

let chain: LocalChain;
beforeAll(async () => {
  chain = await startLocalChain();
});
afterAll(() => chain.remove());

const login = { accountId: 'victim', ip: '8.8.8.8' };
const json = { 'content-type': 'application/json' };
const post = (body: unknown, headers: Record<string, string> = json): Promise<Answer> => chain.api.signed('/v1/logins', { body, headers });
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** After whatever a test posted: nothing went on the bus, and nothing stands in a history. */
async function expectNothingStored(): Promise<void> {
  await chain.settled();
  expect((await chain.api.signed('/v1/accounts/victim/logins')).body.items).toEqual([]);
}

describe('bad input gets a 4xx problem that points to the field, and nothing is stored', () => {
  const malformed = [
    '264.8.8.8', '8.8.8', '0x8.8.8.8', '::ffff:999.1.1.1', '8.8.8.8.8', '08.8.8.8', '8.8.8.8 ', ' 8.8.8.8', '8.8.8.8/24', '8.8.8.8:80',
    '[::1]', '::1%eth0', ':::1', '1::2::3', '12345::', 'g::1', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '134744072', '8,8,8,8', 'localhost', '',
    '٨.٨.٨.٨', '8.8.8.-8',
  ]; // prettier-ignore
  it.each(malformed)('the address %j', async (ip) => {
    const { status, body, headers } = await post({ ...login, ip });
    expect(status).toBe(400);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({ status: 400, errors: [{ pointer: '#/ip' }] });
    if (ip.trim().length > 2) expect(JSON.stringify(body)).not.toContain(ip);
    await expectNothingStored();
  });

  const soon = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  const wrong: [string, unknown, string][] = [
    ['a number for the account', { ...login, accountId: 7 }, '#/accountId'],
    ['null for the account', { ...login, accountId: null }, '#/accountId'],
    ['an account with a slash', { ...login, accountId: 'a/b' }, '#/accountId'],
    ['an account of 129 characters', { ...login, accountId: 'a'.repeat(129) }, '#/accountId'],
    ['no account', { ip: '8.8.8.8' }, '#/accountId'],
    ['no address', { accountId: 'victim' }, '#/ip'],
    ['an address that is a list', { ...login, ip: ['8.8.8.8'] }, '#/ip'],
    ['an address that is an object', { ...login, ip: { toString: '8.8.8.8' } }, '#/ip'],
    ['a moment without offset', { ...login, occurredAt: '2026-11-21T00:00:00' }, '#/occurredAt'],
    ['a moment that is no date', { ...login, occurredAt: '2026-02-30T00:00:00Z' }, '#/occurredAt'],
    ['a moment as a number', { ...login, occurredAt: 1_790_000_000 }, '#/occurredAt'],
    ['a moment too far ahead', { ...login, occurredAt: soon(6) }, '#/occurredAt'],
    ['a moment more than 90 days back', { ...login, occurredAt: soon(-90 * 24 * 60 - 5) }, '#/occurredAt'],
    ['an unknown outcome', { ...login, outcome: 'maybe' }, '#/outcome'],
    ['null for an optional field', { ...login, product: null }, '#/product'],
    ['an empty id', { ...login, id: '' }, '#/id'],
    ['an id of 129 characters', { ...login, id: 'x'.repeat(129) }, '#/id'],
    ['a user agent of 513 characters', { ...login, device: { userAgent: 'x'.repeat(513) } }, '#/device/userAgent'],
    ['an unknown field', { ...login, password: 'hunter2' }, '#/password'],
    ['an unknown field in the device', { ...login, device: { name: 'phone' } }, '#/device/name'],
    ['__proto__', '{"accountId":"victim","ip":"8.8.8.8","__proto__":{"outcome":"denied"}}', '#/__proto__'],
    ['constructor', '{"accountId":"victim","ip":"8.8.8.8","constructor":{"prototype":{}}}', '#/constructor'],
    ['an empty array', [], '#'],
    ['an array of arrays', [[login]], '#/0'],
    ['a text', '"login"', '#'],
    ['a number', '7', '#'],
    ['null', 'null', '#'],
    ['an empty body', '', '#'],
    ['half of a JSON', '{"accountId":', '#'],
    ['a field of deep nesting', `{"accountId":"victim","ip":"8.8.8.8","device":${nested(20_000)}}`, '#/device'],
    ['nothing but deep nesting', nested(100_000), '#/0'],
    ['invalid UTF-8', Buffer.from('{"accountId":"victim","ip":"8.8.8.8","product":"\xff\xfe"}', 'latin1'), '#'],
    ['UTF-16', Buffer.from(JSON.stringify(login), 'utf16le'), '#'],
  ];
  it.each(wrong)('%s', async (_, body, pointer) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect(JSON.stringify(answer.body)).not.toMatch(/hunter2|8\.8\.8\.8/);
    await expectNothingStored();
  });

  it('a body above 1 MiB, or more than 100 logins: 413', async () => {
    expect((await post(JSON.stringify({ ...login, product: 'x'.repeat(1024 * 1024) }))).status).toBe(413);
    expect((await post(Array.from({ length: 101 }, () => login))).status).toBe(413);
    await expectNothingStored();
  });

  it('a body of exactly 1 MiB is read', async () => {
    const size = 1024 * 1024;
    const text = JSON.stringify({ ...login, product: '' });
    const { status, body } = await post(text.replace('"product":""', `"product":"${'x'.repeat(size - text.length)}"`));
    expect({ status, pointer: body.errors[0].pointer }).toEqual({ status: 400, pointer: '#/product' });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', 'application/jsonx', 'multipart/form-data'])(
    'the content type %s: 415',
    async (type) => {
      expect((await post(JSON.stringify(login), { 'content-type': type })).status).toBe(415);
      await expectNothingStored();
    },
  );

  it('some good and some bad: 207 with a status and a problem for each', async () => {
    const { status, body } = await post([{ accountId: 'mixed', ip: '8.8.8.8' }, { accountId: 'mixed', ip: '264.8.8.8' }]);
    expect(status).toBe(207);
    expect(body.results).toMatchObject([
      { index: 0, status: 202 },
      { index: 1, status: 400, problem: { errors: [{ pointer: '#/1/ip' }] } },
    ]);
    await chain.settled();
    expect((await chain.api.signed('/v1/accounts/mixed/logins')).body.items).toHaveLength(1);
  });

  it('an internal event type, or one of nobody, from outside', async () => {
    const headers = { 'content-type': 'application/cloudevents+json' };
    for (const type of ['loginward.login.located.v1', 'loginward.settings.changed.v1', 'studio.unknown.v1']) {
      const body = { specversion: '1.0', id: '1', source: 's', type, subject: 'victim', time: new Date().toISOString(), data: {} };
      const answer = await chain.api.signed('/v1/events', { body, headers });
      expect({ status: answer.status, pointer: answer.body.errors[0].pointer }).toEqual({ status: 400, pointer: '#/type' });
    }
    await expectNothingStored();
  });

  it.each(['/v1/accounts/a%2Fb/logins', '/v1/accounts/%20/logins', `/v1/accounts/${'a'.repeat(129)}/logins`])('the path %s', async (path) => {
    const { status } = await chain.api.signed(path);
    expect(status).toBe(400);
  });

  it('security settings of wrong shapes', async () => {
    const good = { homeCountries: ['KR'], responses: { login_abroad: ['email'], new_country: ['email'], unlocated: ['none'] } };
    const bad: [unknown, string][] = [
      [{ ...good, homeCountries: [] }, '#/homeCountries'],
      [{ ...good, homeCountries: ['XX'] }, '#/homeCountries/0'],
      [{ ...good, homeCountries: 'KR' }, '#/homeCountries'],
      [{ ...good, responses: { ...good.responses, login_abroad: ['none', 'email'] } }, '#/responses/login_abroad'],
      [{ ...good, responses: { ...good.responses, unlocated: ['block_abroad'] } }, '#/responses/unlocated'],
      [{ ...good, responses: { ...good.responses, disputed: ['lock'] } }, '#/responses/disputed'],
      [{ ...good, extra: true }, '#/extra'],
    ];
    for (const [body, pointer] of bad) {
      const answer = await chain.api.asPlayer('victim', '/v1/me/security-settings', { method: 'PUT', body, amr: ['otp'] });
      expect({ status: answer.status, pointer: answer.body.errors[0].pointer }).toEqual({ status: 400, pointer });
    }
    expect((await chain.api.asPlayer('victim', '/v1/me/security-settings')).body).toEqual(good);
  });
});

describe('without a good signature or token, AWS itself refuses', () => {
  const signedBy = async (settings: Partial<ConstructorParameters<typeof AwsClient>[0]>, change: (request: Request) => Request = (request) => request) => {
    const aws = new AwsClient({ accessKeyId: 'local', secretAccessKey: 'local', region: 'us-east-1', service: 'execute-api', ...settings });
    const request = await aws.sign(`${chain.local.url}/v1/logins`, { method: 'POST', body: JSON.stringify(login), headers: json });
    const response = await fetch(change(request));
    return { status: response.status, body: await response.json() };
  };
  const forbidden = { status: 403, body: { message: 'Forbidden' } };

  it('no signature', async () => {
    const answer = await chain.api.plain('/v1/logins', { body: login });
    expect({ status: answer.status, body: answer.body }).toEqual(forbidden);
    await expectNothingStored();
  });

  it.each([
    ['another secret', { secretAccessKey: 'other' }],
    ['an unknown key', { accessKeyId: 'other' }],
    ['another region', { region: 'eu-west-1' }],
    ['another service', { service: 'sns' }],
  ])('%s', async (_, settings) => {
    expect(await signedBy(settings)).toEqual(forbidden);
    await expectNothingStored();
  });

  it('another body, or another path, than was signed', async () => {
    expect(await signedBy({}, (request) => new Request(request, { method: 'POST', body: JSON.stringify([login]) }))).toEqual(forbidden);
    expect(await signedBy({}, (request) => new Request(request.url.replace('logins', 'events'), request))).toEqual(forbidden);
    await expectNothingStored();
  });

  it('a signature of ten minutes ago', async () => {
    const aws = new AwsClient({ accessKeyId: 'local', secretAccessKey: 'local', region: 'us-east-1', service: 'execute-api' });
    const old = new Date(Date.now() - 600_000).toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
    const request = await aws.sign(`${chain.local.url}/v1/accounts/victim/logins`, { aws: { datetime: old } });
    expect((await fetch(request)).status).toBe(403);
  });

  const ownKey = async () => importJWK(JSON.parse(await readFile(join(chain.data, 'issuer.json'), 'utf8')) as JWK, 'RS256');
  const token = (alg = 'RS256') =>
    new SignJWT({}).setProtectedHeader({ alg }).setIssuer(issuer).setAudience(audience).setSubject('victim').setIssuedAt();
  const bad: [string, () => string | Promise<string>][] = [
    ['no token', () => ''],
    ['what is no token', () => 'abc.def.ghi'],
    ['alg none', () => new UnsecuredJWT({}).setIssuer(issuer).setAudience(audience).setSubject('victim').setExpirationTime('1h').encode()],
    ['another audience', async () => token().setAudience('shop').setExpirationTime('1h').sign(await ownKey())],
    ['another issuer', async () => token().setIssuer('https://issuer.example.com').setExpirationTime('1h').sign(await ownKey())],
    ['an expired one', async () => token().setExpirationTime('-1m').sign(await ownKey())],
    ['one without an end', async () => token().sign(await ownKey())],
    ['one that is not yet valid', async () => token().setNotBefore('10m').setExpirationTime('1h').sign(await ownKey())],
    ['another key', async () => token().setExpirationTime('1h').sign((await generateKeyPair('RS256')).privateKey)],
    ['HMAC in place of RSA', () => token('HS256').setExpirationTime('1h').sign(Buffer.alloc(32))],
  ];
  it.each(bad)('%s', async (_, make) => {
    const answer = await chain.api.plain('/v1/me/logins', { headers: { authorization: `Bearer ${await make()}` } });
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 401, body: { message: 'Unauthorized' } });
  });

  it('a token whose claim is no account: 403', async () => {
    const good = await token().setSubject('a/b').setExpirationTime('1h').sign(await ownKey());
    expect((await chain.api.plain('/v1/me/logins', { headers: { authorization: `Bearer ${good}` } })).status).toBe(403);
  });

  it('an unknown path', async () => {
    const answer = await chain.api.signed('/v1/nothing');
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 404, body: { message: 'Not Found' } });
    expect((await chain.api.signed('/v1/logins')).status).toBe(404);
  });

  it('another host name than loopback (DNS rebinding)', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      request(`${chain.local.url}/local/messages`, { headers: { host: 'attacker.example' } }, (response) => resolve(response.statusCode)).end();
    });
    expect(status).toBe(403);
  });
});

it('says nothing private in any log', async () => {
  for (const name of chain.local.functions) {
    const log = await readFile(join(chain.data, 'logs', `${name}.log`), 'utf8');
    expect(log).not.toMatch(/8\.8\.8\.8|hunter2|example\.com/);
    expect(log).not.toContain('A request failed');
  }
});

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audience, issuer } from '../../local/front/issuer.ts';
import { services } from '../../lib/services.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { type Attack, type Attacker, attacker, sign, tell } from './support/attacker.ts';

let chain: LocalChain;
let foe: Attacker;
let key: JWK;
beforeAll(async () => {
  chain = await startLocalChain();
  foe = attacker(chain.local.url);
  key = JSON.parse(await readFile(join(chain.data, 'issuer.json'), 'utf8')) as JWK;
});
afterAll(async () => {
  foe?.close();
  await chain?.remove();
});

const seconds = (ahead: number): number => Math.floor(Date.now() / 1000) + ahead;
const good = (): JWTPayload => ({ iss: issuer, aud: audience, sub: 'victim', iat: seconds(0), exp: seconds(600) });
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token with these claims and headers, signed by the issuer's own key unless by another. */
async function token(claims: JWTPayload = {}, header: Partial<JWTHeaderParameters> & Record<string, unknown> = {}, by?: Parameters<SignJWT['sign']>[0]): Promise<string> {
  const signingKey = by ?? (await importJWK(key, 'RS256'));
  return new SignJWT({ ...good(), ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'local', ...header }).sign(signingKey);
}

const asPlayer = (bearer: string, attack: Attack = { path: '/v1/me/logins' }) => foe.send({ ...attack, headers: { ...attack.headers, authorization: `Bearer ${bearer}` } });
const put = (body: object): Attack => ({ method: 'PUT', path: '/v1/me/security-settings', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const settings = (homeCountries: string[]) => ({ homeCountries, responses: { login_abroad: ['email'], new_country: ['email'], unlocated: ['none'] } });
const publicPem = () => createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });

describe('a token', () => {
  it('of the issuer is taken', async () => {
    expect((await asPlayer(await token())).status).toBe(200);
  });

  const tricks: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['nothing', () => ''],
    ['alg none', () => `${encode({ alg: 'none' })}.${encode(good())}.`],
    ['alg None, with a signature of another', async () => `${encode({ alg: 'None' })}.${encode(good())}.${(await token()).split('.')[2]}`],
    ['HS256 with the public key as its secret', () => token({}, { alg: 'HS256' }, Buffer.from(publicPem()))],
    ['RS384, with the issuer\'s own key', async () => token({}, { alg: 'RS384' }, await importJWK(key, 'RS384'))],
    ['PS256, with the issuer\'s own key', async () => token({}, { alg: 'PS256' }, await importJWK(key, 'PS256'))],
    ['a key of its own in jwk', async () => {
      const own = await generateKeyPair('RS256', { extractable: true });
      return token({}, { jwk: await exportJWK(own.publicKey) }, own.privateKey);
    }],
    ['a key of its own by jku and x5u', async () => token({}, { jku: `${chain.local.url}/local/messages`, x5u: 'http://127.0.0.1:9/x5u' }, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)],
    ['an unknown extension that is critical', async () => {
      const [header = '', claims, signature] = (await token()).split('.');
      return `${encode({ ...(JSON.parse(Buffer.from(header, 'base64url').toString()) as object), crit: ['exp2'], exp2: 1 })}.${claims}.${signature}`;
    }],
    ['another account put into it', async () => {
      const [header, , signature] = (await token()).split('.');
      return `${header}.${encode({ ...good(), sub: 'other' })}.${signature}`;
    }],
    ['a signature cut short', async () => (await token()).slice(0, -4)],
    ['no signature', async () => (await token()).replace(/[^.]+$/, '')],
    ['a fourth part', async () => `${await token()}.x`],
    ['expired', () => token({ exp: seconds(-1) })],
    ['an end that is a text', () => token({ exp: '9999999999' as unknown as number })],
    ['not yet valid', () => token({ nbf: seconds(600) })],
    ['another audience', () => token({ aud: 'shop' })],
    ['no audience', () => token({ aud: undefined as unknown as string })],
    ['another issuer', () => token({ iss: `${issuer}.attacker.example` })],
    ['the issuer with a slash', () => token({ iss: `${issuer}/` })],
    ['14,000 characters', () => `${'a'.repeat(7000)}.${'b'.repeat(7000)}.c`],
  ];
  it.each(tricks)('with %s: 401 of API Gateway', async (_, make) => {
    const { status, body } = await asPlayer(await make());
    expect({ status, body }).toEqual({ status: 401, body: { message: 'Unauthorized' } });
  });

  it('in the query, in a cookie or in the body is none', async () => {
    const bearer = await token();
    const attacks: Attack[] = [
      { path: `/v1/me/logins?access_token=${bearer}` },
      { path: `/v1/me/logins?token=${bearer}` },
      { path: '/v1/me/logins', headers: { cookie: `Authorization=${bearer}; access_token=${bearer}` } },
      { method: 'POST', path: '/v1/me/challenges', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `access_token=${bearer}` },
    ];
    for (const attack of attacks) expect((await foe.send(attack)).status).toBe(401);
  });

  it('whose account is none: 403 on each route of players, and nothing of the account in the answer', async () => {
    const accounts = ['', 'a'.repeat(129), 'a/b', 'a b', 'ann\n', 'ann\u0000', '<script>', ['victim'], { sub: 'victim' }, 7, true, null, undefined];
    for (const sub of accounts) {
      const bearer = await token({ sub: sub as string });
      const { status, body, text } = await asPlayer(bearer);
      // A number or a truth value is handed on as text by API Gateway, and names an account as well as any.
      if (sub === 7 || sub === true) expect(status).toBe(200);
      else if (status === 401) expect(body).toEqual({ message: 'Unauthorized' });
      else expect({ status, type: body.type }, JSON.stringify(sub)).toEqual({ status: 403, type: 'https://loginward.dev/problems/no-account' });
      expect(text).not.toContain('<script>');
    }
    const bearer = await token({ sub: 'a/b' });
    for (const { method, path } of services.flatMap(({ api }) => api?.routes ?? []).filter(({ authorization }) => authorization === 'player')) {
      expect((await asPlayer(bearer, { method, path: path.replaceAll(/\{\w+\}/g, '3f2504e0-4f89-41d3-9a0c-0305e82c3301') })).status, path).toBe(403);
    }
  });

  it('is proof only when its amr says so: no text around a method, no list within one', async () => {
    const weaker = settings(['KR', 'JP']);
    const methods: unknown[] = [undefined, [], ['pwd'], 'pwd', ['OTP'], ['otp2'], ['x-otp'], [['otp2']], [{ otp: true }], { otp: true }, [''], 'pwd-otp', true, 7];
    for (const amr of methods) {
      const { status, body } = await asPlayer(await token({ sub: 'proof', amr }), put(weaker));
      expect({ status, type: body.type }, JSON.stringify(amr)).toEqual({ status: 403, type: 'https://loginward.dev/problems/step-up-required' });
    }
    expect((await asPlayer(await token({ sub: 'proof', amr: ['pwd', 'otp'] }), put(weaker))).status).toBe(200);
  });
});

describe('a signature', () => {
  const login: Attack = { method: 'POST', path: '/v1/logins', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ accountId: 'signed', ip: '1.201.1.1', id: 's-1', occurredAt: new Date().toISOString() }) };
  const stamp = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
  const forged = (change: (headers: Record<string, string>) => Record<string, string>) => async (): Promise<Attack> => ({ ...login, headers: change((await sign(chain.local.url, login)).headers) });
  const part = (pattern: RegExp, by: string) => forged((headers) => ({ ...headers, authorization: (headers['authorization'] ?? '').replace(pattern, by) }));

  const tricks: readonly (readonly [string, () => Promise<Attack>])[] = [
    ['another body', async () => ({ ...(await forged((headers) => headers)()), body: String(login.body).replace('signed', 'other') })],
    ['another path', async () => ({ ...(await forged((headers) => headers)()), path: '/v1/events' })],
    ['a query more', async () => ({ ...(await forged((headers) => headers)()), path: '/v1/logins?a=1' })],
    ['another method', async () => ({ ...(await forged((headers) => headers)()), method: 'DELETE', path: '/v1/accounts/signed' })],
    ['another date', forged((headers) => ({ ...headers, 'x-amz-date': stamp(1) }))],
    ['no date', forged((headers) => ({ ...headers, 'x-amz-date': '' }))],
    ['another day in its scope', part(/\/\d{8}\//, '/20200101/')],
    ['another key', part(/Credential=local/, 'Credential=other')],
    ['a key of a function that does not exist', part(/Credential=local/, 'Credential=AKIAIOSFODNN7EXAMPLE')],
    ['__proto__ as its key', part(/Credential=local/, 'Credential=__proto__')],
    ['another algorithm', part(/^AWS4-HMAC-SHA256/, 'AWS4-HMAC-SHA1')],
    ['no signature', part(/Signature=\w+/, 'Signature=')],
    ['half a signature', part(/(Signature=\w{32})\w+/, '$1')],
    ['a signature that is no hexadecimal', part(/Signature=\w+/, `Signature=${'z'.repeat(64)}`)],
    ['no signed headers', part(/SignedHeaders=[^,]+/, 'SignedHeaders=')],
    ['the host not signed', part(/SignedHeaders=[^,]+/, 'SignedHeaders=x-amz-date')],
    ['an unsigned payload', async () => ({ ...login, headers: (await sign(chain.local.url, { ...login, headers: { ...login.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })).headers, body: String(login.body).replace('signed', 'other') })],
    ['a bearer token in its place', async () => ({ ...login, headers: { ...login.headers, authorization: `Bearer ${await token()}` } })],
  ];
  it.each(tricks)('with %s: 403 of API Gateway', async (_, make) => {
    const { status, body } = await foe.send(await make());
    expect({ status, body }).toEqual({ status: 403, body: { message: 'Forbidden' } });
  });

  it.each([
    ['another secret', { secretAccessKey: 'other' }],
    ['another service', { service: 's3' }],
    ['another Region', { region: 'ap-northeast-2' }],
    ['a moment ten minutes ago', { datetime: stamp(-10) }],
    ['a moment ten minutes ahead', { datetime: stamp(10) }],
  ])('for %s: 403', async (_, options) => {
    expect((await foe.signed(login, options)).status).toBe(403);
  });

  it('in the query is as good as one in the headers is on AWS, and refused here: nothing is let in by it', async () => {
    const { path } = await sign(chain.local.url, { path: '/v1/accounts/signed/logins' }, { signQuery: true });
    expect((await foe.send({ path })).status).toBe(403);
  });

  it('that is sent again within minutes changes nothing twice', async () => {
    const { headers } = await sign(chain.local.url, login);
    const replies = [await foe.send({ ...login, headers }), await foe.send({ ...login, headers })];
    expect(replies.map(({ status }) => status)).toEqual([202, 202]);
    expect(replies[0]?.body).toEqual(replies[1]?.body);
    await chain.settled();
    expect((await foe.signed({ path: '/v1/accounts/signed/logins' })).body.items).toHaveLength(1);
  });

  it('lets nobody onto a route of players, nor a token onto a route of servers', async () => {
    for (const { method, path, authorization } of services.flatMap(({ api }) => api?.routes ?? [])) {
      const attack = { method, path: path.replaceAll(/\{\w+\}/g, 'victim') };
      if (authorization === 'player') expect((await foe.signed(attack)).status, path).toBe(401);
      if (authorization === 'iam') expect((await asPlayer(await token(), attack)).status, path).toBe(403);
    }
  });
});

it('nothing of it was a 5xx', () => {
  expect(tell('sign-in', foe)).toBe(0);
});

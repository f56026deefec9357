import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { audience, issuer as tokenIssuer, type Issuer, openIssuer } from '../../local/front/issuer.ts';
import { clientId, oidc } from '../../local/front/oidc.ts';

const origin = 'http://127.0.0.1:8787';
const base = `${origin}/local/issuer`;
const verifier = 'v'.repeat(43);
const request = {
  response_type: 'code',
  client_id: clientId,
  redirect_uri: `${origin}/`,
  scope: 'openid',
  state: 'the-state',
  nonce: 'the-nonce',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
};

let folder: string;
let issuer: Issuer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loginward-oidc-'));
  issuer = await openIssuer(join(folder, 'issuer.json'), () => new Date());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The stand-in issuer, with a clock that a test may turn. */
function setUp() {
  const clock = { ahead: 0 };
  const app = oidc(issuer, () => new Date(Date.now() + clock.ahead));
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    app.request(`${base}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers: { 'content-type': 'application/x-www-form-urlencoded', origin, ...headers } });
  const signIn = async (fields: Record<string, string> = {}): Promise<URL> => {
    const answer = await post('/authorize', { ...request, account: 'ann', ...fields });
    expect(answer.status).toBe(303);
    return new URL(answer.headers.get('location') ?? '');
  };
  const redeem = (code: string, fields: Record<string, string> = {}) =>
    post('/token', { grant_type: 'authorization_code', code, redirect_uri: request.redirect_uri, client_id: clientId, code_verifier: verifier, ...fields });
  const codeOf = async () => (await signIn()).searchParams.get('code') ?? '';
  return { app, clock, post, signIn, redeem, codeOf };
}

describe('the stand-in for the company’s issuer', () => {
  it('gives a code back to the page with its state, and tokens for it that the API takes', async () => {
    const { signIn, redeem, app } = setUp();
    const back = await signIn({ method: 'otp' });
    expect([back.origin, back.pathname, back.searchParams.get('state'), back.searchParams.get('iss')]).toEqual([origin, '/', 'the-state', base]);
    const answer = await redeem(back.searchParams.get('code') ?? '');
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const tokens = (await answer.json()) as { access_token: string; id_token: string };
    expect(await issuer.claims(tokens.access_token, { issuer: tokenIssuer, audience: [audience] })).toMatchObject({ sub: 'ann', amr: ['otp'] });
    const keys = createLocalJWKSet((await (await app.request(`${base}/jwks`)).json()) as Parameters<typeof createLocalJWKSet>[0]);
    const { payload } = await jwtVerify(tokens.id_token, keys, { issuer: base, audience: clientId });
    expect(payload).toMatchObject({ sub: 'ann', nonce: 'the-nonce' });
    // The page's own token is not one for the API.
    expect(await issuer.claims(tokens.id_token, { issuer: tokenIssuer, audience: [audience] })).toBeUndefined();
  });

  it('sends nobody anywhere but to the page of its own origin', async () => {
    const { app, post } = setUp();
    const elsewhere = ['https://evil.example/', `${origin}.evil.example/`, `${origin}/other`, `${origin}@evil.example/`, 'http://localhost:8787/', '//evil.example', ''];
    for (const redirect_uri of elsewhere) {
      for (const more of [{}, { response_type: 'token' }, { cancel: 'yes' }] as Record<string, string>[]) {
        const asked = await app.request(`${base}/authorize?${new URLSearchParams({ ...request, redirect_uri, ...more }).toString()}`);
        const posted = await post('/authorize', { ...request, account: 'ann', redirect_uri, ...more });
        for (const answer of [asked, posted]) expect([answer.status, answer.headers.get('location')], redirect_uri).toEqual([400, null]);
      }
      const out = await app.request(`${base}/end-session?${new URLSearchParams({ post_logout_redirect_uri: redirect_uri }).toString()}`);
      expect([out.status, out.headers.get('location')], redirect_uri).toEqual([400, null]);
    }
    expect((await app.request(`${base}/authorize?${new URLSearchParams({ ...request, client_id: 'other' }).toString()}`)).status).toBe(400);
  });

  it('takes no form of another page, and shows what it was given as text', async () => {
    const { post, app } = setUp();
    for (const from of ['https://evil.example', 'null']) expect((await post('/authorize', { ...request, account: 'ann' }, { origin: from })).status).toBe(403);
    const shown = await (await app.request(`${base}/authorize?${new URLSearchParams({ ...request, state: '"><script>alert(1)</script>' }).toString()}`)).text();
    expect(shown).not.toContain('<script>');
  });

  it('tells the page what is wrong with its request', async () => {
    const { signIn } = setUp();
    const wrong: readonly (readonly [Record<string, string>, string])[] = [
      [{ cancel: 'yes' }, 'access_denied'],
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ code_challenge: 'short' }, 'invalid_request'],
      [{ scope: 'email' }, 'invalid_scope'],
    ];
    for (const [fields, error] of wrong) {
      const back = await signIn(fields);
      expect([back.origin, back.searchParams.get('error'), back.searchParams.get('state'), back.searchParams.get('code')]).toEqual([origin, error, 'the-state', null]);
    }
  });

  it('takes a code once, within a minute, from the client, for the page and with the verifier that it was given for', async () => {
    const { clock, codeOf, redeem } = setUp();
    const refusal = async (code: string, fields?: Record<string, string>) => {
      const answer = await redeem(code, fields);
      return [answer.status, ((await answer.json()) as { error?: string }).error];
    };
    for (const fields of [{ code_verifier: 'w'.repeat(43) }, { client_id: 'other' }, { redirect_uri: `${origin}/other` }] as Record<string, string>[]) {
      const code = await codeOf();
      expect(await refusal(code, fields)).toEqual([400, 'invalid_grant']);
      // A try uses it up.
      expect(await refusal(code)).toEqual([400, 'invalid_grant']);
    }
    const used = await codeOf();
    expect((await redeem(used)).status).toBe(200);
    expect(await refusal(used)).toEqual([400, 'invalid_grant']);
    const late = await codeOf();
    clock.ahead = 60_001;
    expect(await refusal(late)).toEqual([400, 'invalid_grant']);
    expect(await refusal(await codeOf(), { grant_type: 'password' })).toEqual([400, 'unsupported_grant_type']);
  });
});

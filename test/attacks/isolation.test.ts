import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { services } from '../../lib/services.ts';
import type { Answer } from '../support/local-client.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';

/** Whose things they are, and who reaches for them. */
const [owner, thief] = ['owner', 'thief'];
let chain: LocalChain;
/** What the owner has: a login from abroad with its verdict, a trip, a challenge. */
const own = { loginId: '', id: '', challengeId: '' };
const unknown = { loginId: '01a1fd04-3dd9-7656-8240-37297dbc23b8', id: '01a1fd04-3dd9-4656-8240-37297dbc23b8', challengeId: '01a1fd04-3dd9-4656-8240-37297dbc23b8' };

beforeAll(async () => {
  chain = await startLocalChain();
  const { signed, asPlayer } = chain.api;
  const contact = (subject: string) => ({ specversion: '1.0', id: subject, source: 'tests', type: 'loginward.contact.changed.v1', subject, time: new Date(Date.now() - 100 * 3_600_000).toISOString(), data: { email: `${subject}@example.com` } });
  for (const account of [owner, thief]) await signed('/v1/events', { headers: { 'content-type': 'application/cloudevents+json' }, body: contact(account) });
  const posted = await signed('/v1/logins', { body: { accountId: owner, ip: '8.8.8.8' } });
  own.loginId = posted.body.results[0].id;
  own.id = (await asPlayer(owner, '/v1/me/trips', { body: { countries: ['JP'], from: '2027-01-01', until: '2027-01-02' }, amr: ['otp'] })).body.id;
  await chain.settled();
  own.challengeId = (await asPlayer(owner, '/v1/me/challenges', { body: { channel: 'email' } })).body.challengeId;
  await chain.settled();
});
afterAll(() => chain.remove());

const routes = services.flatMap(({ api }) => api?.routes ?? []).filter(({ authorization }) => authorization === 'player');
const told = ({ status, body }: Answer) => ({ status, body: body as unknown });

describe('a player’s token', () => {
  it('reaches by no route what another account has: it answers as for what is not there', async () => {
    const named = routes.filter(({ path }) => path.includes('{'));
    expect(named.length).toBeGreaterThanOrEqual(4);
    for (const { method, path } of named) {
      const at = (ids: typeof own) => path.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof own) => ids[name]);
      const theirs = await chain.api.asPlayer(thief, at(own), { method, amr: ['otp'] });
      expect(theirs.status, `${method} ${path}`).toBe(404);
      expect(told(theirs), `${method} ${path}`).toEqual(told(await chain.api.asPlayer(thief, at(unknown), { method, amr: ['otp'] })));
    }
    const verify = (challengeId: string) => chain.api.asPlayer(thief, '/v1/me/challenges/verify', { body: { challengeId, code: 'ABCDEFGH' } });
    expect(told(await verify(own.challengeId))).toEqual(told(await verify(unknown.challengeId)));
    // The right code of another account's challenge proves nothing for this one.
    const code = /\b[A-HJKMNP-Z2-9]{8}\b/.exec((await chain.messages(owner)).map(({ text }) => text).join('\n'))?.[0] ?? '';
    expect(code).not.toBe('');
    const stolen = await chain.api.asPlayer(thief, '/v1/me/challenges/verify', { body: { challengeId: own.challengeId, code } });
    expect(told(stolen)).toEqual(told(await verify(unknown.challengeId)));
    await chain.settled();
    const weakened = await chain.api.asPlayer(thief, '/v1/me/security-settings', { method: 'PUT', body: { homeCountries: ['KR', 'US'], responses: { login_abroad: ['none'], new_country: ['none'], unlocated: ['none'] } } });
    expect(weakened.status).toBe(403);
  });

  it('names the account by nothing but its own claim', async () => {
    for (const { method, path } of routes.filter(({ path }) => !path.includes('{'))) {
      for (const query of [`accountId=${owner}`, `sub=${owner}`, `account=${owner}`]) {
        const { status } = await chain.api.asPlayer(thief, `${path}?${query}`, { method, ...(method !== 'GET' && { body: {} }) });
        expect(status, `${method} ${path}?${query}`).toBe(400);
      }
      if (method !== 'GET') expect((await chain.api.asPlayer(thief, path, { method, body: { accountId: owner, channel: 'email' } })).status, `${method} ${path}`).toBe(400);
      else {
        const { status, body } = await chain.api.asPlayer(thief, path, { headers: { 'x-account-id': owner, 'x-amzn-oidc-identity': owner, cookie: `accountId=${owner}` } });
        expect(status, path).toBe(200);
        expect(JSON.stringify(body), path).not.toMatch(new RegExp(`${owner}|${own.loginId}|${own.id}|8\\.8\\.8\\.8`));
      }
    }
  });

  it('left everything of the other account as it was', async () => {
    const { body } = await chain.api.asPlayer(owner, `/v1/me/verdicts/${own.loginId}`);
    expect(body.loginId).toBe(own.loginId);
    expect((await chain.api.asPlayer(owner, '/v1/me/trips')).body.items.map(({ id }: { id: string }) => id)).toEqual([own.id]);
    expect((await chain.api.asPlayer(owner, '/v1/me/logins')).body.items[0]).not.toHaveProperty('disputedAt');
    expect((await chain.api.signed(`/v1/accounts/${owner}/standing`)).body.state).toBe('active');
  });

  it('opens no route of servers', async () => {
    for (const { method, path } of services.flatMap(({ api }) => api?.routes ?? []).filter(({ authorization }) => authorization === 'iam')) {
      const { status } = await chain.api.asPlayer(owner, path.replaceAll(/\{\w+\}/g, owner), { method });
      expect(status, `${method} ${path}`).toBe(403);
    }
  });
});

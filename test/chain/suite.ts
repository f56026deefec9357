import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { describe, expect, it } from 'vitest';
import type { OutgoingMessage } from '../../local/aws/outbox.ts';
import type { ApiClient } from '../support/local-client.ts';

/** A chain that is up, however it is run. */
export interface Chain {
  readonly api: ApiClient;
  /** Resolves once all that was posted went all its way. */
  settled(): Promise<void>;
  messages(accountId: string): Promise<OutgoingMessage[]>;
}

/** Addresses whose countries do not change from one geo database to the next. */
export const addresses = { KR: '1.201.1.1', US: '8.8.8.8', JP: '133.11.0.1', private: '192.168.1.7' } as const;

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
const defaults = { homeCountries: ['KR'], responses: { login_abroad: ['email'], new_country: ['email'], unlocated: ['none'] } };

/** What a login becomes, in the design's words; the same rules for every engine that carries the chain. */
export function chainSuite(name: string, chain: () => Chain): void {
  const post = async (body: unknown) => {
    const answer = await chain().api.signed('/v1/logins', { body });
    expect(answer.status).toBe(202);
    return answer.body.results.map(({ id }: { id: string }) => id) as string[];
  };
  /** A contact that codes go to as well: in force for 72 hours and more. */
  const contact = async (accountId: string, data: object, since = minutesAgo(80 * 60)) => {
    const answer = await chain().api.signed('/v1/events', {
      headers: { 'content-type': 'application/cloudevents+json' },
      body: {
        specversion: '1.0',
        id: `contact-of-${accountId}-${since}`,
        source: 'accounts',
        type: 'loginward.contact.changed.v1',
        subject: accountId,
        time: since,
        data,
      },
    });
    expect(answer.status).toBe(202);
    await chain().settled();
  };
  const history = async (accountId: string, query = '') =>
    (await chain().api.signed(`/v1/accounts/${accountId}/logins${query}`)).body as { items: any[]; cursor: string | null }; // oxlint-disable-line no-explicit-any

  describe.concurrent(`${name}: a login goes all the way`, () => {
    it('from abroad: its country, its verdict, and an e-mail in the language of the contact', async () => {
      await contact('abroad', { email: 'abroad@example.com', locale: 'en', timeZone: 'America/New_York' });
      const [id = ''] = await post({ accountId: 'abroad', ip: addresses.US, device: { userAgent: 'game/1.0' }, product: 'game' });
      await chain().settled();

      const { body: mine } = await chain().api.asPlayer('abroad', '/v1/me/logins');
      expect(mine.cursor).toBeNull();
      expect(mine.items).toMatchObject([
        {
          id,
          ip: addresses.US,
          country: 'US',
          outcome: 'success',
          product: 'game',
          device: { userAgent: 'game/1.0' },
          verdict: { triggers: ['login_abroad'], responses: ['email'], actions: [{ response: 'email', outcome: 'done' }] },
        },
      ]);
      expect((await history('abroad')).items).toEqual(mine.items);

      const messages = await chain().messages('abroad');
      expect(messages).toHaveLength(1);
      expect(messages[0]).toMatchObject({ channel: 'email', to: 'abroad@example.com', triggers: ['login_abroad'], country: 'US' });
      expect(messages[0]?.text).toContain('United States');
      expect(messages[0]?.text).toMatch(/E[SD]T/);
    });

    it('with a receipt that lists every input, and whose digest can be recomputed', async () => {
      const [id = ''] = await post({ accountId: 'receipt', ip: addresses.JP });
      await chain().settled();
      const { status, body: verdict } = await chain().api.asPlayer('receipt', `/v1/me/verdicts/${id}`);
      expect(status).toBe(200);
      expect(verdict).toMatchObject({ loginId: id, triggers: ['login_abroad'], responses: ['email'], previousLogin: null, settingsVersion: 0 });
      expect(verdict.login.country).toBe('JP');
      expect(verdict.geoDatabase.name).not.toBe('');
      expect(verdict.actions).toMatchObject([{ response: 'email', outcome: 'no_contact' }]);
      const { digest, actions: _, ...rest } = verdict;
      expect(digest).toBe(`sha256:${createHash('sha256').update(canonicalize(rest) ?? '').digest('hex')}`);
    });

    it('from home: it is recorded, and ends there', async () => {
      await contact('at-home', { email: 'home@example.com' });
      const [id = ''] = await post({ accountId: 'at-home', ip: addresses.KR });
      await chain().settled();
      expect((await history('at-home')).items).toMatchObject([{ id, country: 'KR' }]);
      expect((await history('at-home')).items[0].verdict).toBeUndefined();
      expect((await chain().api.asPlayer('at-home', `/v1/me/verdicts/${id}`)).status).toBe(404);
      expect(await chain().messages('at-home')).toEqual([]);
    });

    it('from an address without a country: the reason is shown, and `unlocated` holds', async () => {
      await post({ accountId: 'nowhere', ip: addresses.private });
      await chain().settled();
      expect((await history('nowhere')).items).toMatchObject([
        { country: null, unlocatedReason: 'private', verdict: { triggers: ['unlocated'], responses: ['none'] } },
      ]);
    });

    it('from a second country abroad: `new_country` holds too, but never for the first located login', async () => {
      await post([
        { accountId: 'traveller', ip: addresses.US, occurredAt: minutesAgo(30) },
        { accountId: 'traveller', ip: addresses.JP, occurredAt: minutesAgo(20) },
        { accountId: 'traveller', ip: addresses.JP, occurredAt: minutesAgo(10) },
      ]);
      await chain().settled();
      const triggers = (await history('traveller')).items.map(({ verdict }) => verdict.triggers);
      expect(triggers).toEqual([['login_abroad'], ['login_abroad', 'new_country'], ['login_abroad']]);
    });

    it('failed or denied: it is recorded, and not judged', async () => {
      await post([
        { accountId: 'tried', ip: addresses.US, outcome: 'failure', occurredAt: minutesAgo(2) },
        { accountId: 'tried', ip: addresses.US, outcome: 'denied', occurredAt: minutesAgo(1) },
      ]);
      await chain().settled();
      const { items } = await history('tried');
      expect(items.map(({ outcome, verdict }) => ({ outcome, verdict }))).toEqual([{ outcome: 'denied' }, { outcome: 'failure' }]);
    });

    it('failing past 20 times in a minute: further failures are counted in one row', async () => {
      const day = minutesAgo(60 * 24).slice(0, 10);
      await post(
        Array.from({ length: 50 }, (_, index) => ({
          accountId: 'attacked',
          ip: addresses.US,
          outcome: 'failure',
          id: `try-${index}`,
          occurredAt: `${day}T00:00:${String(index).padStart(2, '0')}.000Z`,
        })),
      );
      await chain().settled();
      const { items } = await history('attacked', '?limit=100');
      expect(items.filter(({ count }) => count === undefined)).toHaveLength(20);
      expect(items.filter(({ count }) => count !== undefined).map(({ count }) => count)).toEqual([30]);
    });

    it('posted twice under one id and moment: of two bodies the first stays', async () => {
      const login = { accountId: 'retried', id: 'login-1', occurredAt: minutesAgo(5) };
      const [first] = await post({ ...login, ip: addresses.KR });
      await chain().settled();
      const [second] = await post({ ...login, ip: addresses.US });
      await chain().settled();
      expect(second).toBe(first);
      expect((await history('retried')).items).toMatchObject([{ id: first, ip: addresses.KR, country: 'KR' }]);
    });

    it('a hundred times from one country in an hour: one notice', async () => {
      await contact('noticed', { email: 'noticed@example.com' });
      const occurredAt = minutesAgo(1);
      await post(Array.from({ length: 100 }, (_, index) => ({ accountId: 'noticed', ip: addresses.US, id: `login-${index}`, occurredAt })));
      await chain().settled();
      expect((await history('noticed', '?limit=100')).items).toHaveLength(100);
      expect(await chain().messages('noticed')).toHaveLength(1);
    });
  });

  describe.concurrent(`${name}: what the player chose is what happens`, () => {
    it('gives the defaults until the player chooses', async () => {
      const { status, body, headers } = await chain().api.asPlayer('undecided', '/v1/me/security-settings');
      expect({ status, body }).toEqual({ status: 200, body: defaults });
      expect(headers.get('etag')).toBe('"0"');
    });

    it('SMS, in Korean unless the contact says otherwise', async () => {
      await contact('texted', { phone: '+821012345678' });
      const responses = { ...defaults.responses, login_abroad: ['sms', 'email'] };
      const put = await chain().api.asPlayer('texted', '/v1/me/security-settings', { method: 'PUT', body: { ...defaults, responses } });
      expect(put.status).toBe(200);
      await chain().settled();
      await post({ accountId: 'texted', ip: addresses.US });
      await chain().settled();
      const messages = await chain().messages('texted');
      expect(messages).toMatchObject([{ channel: 'sms', to: '+821012345678', country: 'US' }]);
      expect(messages[0]?.text).toContain('미국');
      const { items } = await history('texted');
      expect(items[0].verdict.actions).toEqual(
        expect.arrayContaining([
          { response: 'sms', outcome: 'done' },
          // Nobody is told the same thing twice at one address.
          { response: 'email', outcome: 'done' },
        ]),
      );
    });

    it('weakening needs a trusted method, and the player is told', async () => {
      await contact('mover', { email: 'mover@example.com', locale: 'en' });
      const wanted = { ...defaults, homeCountries: ['KR', 'US'] };
      const path = '/v1/me/security-settings';
      const refused = await chain().api.asPlayer('mover', path, { method: 'PUT', body: wanted });
      expect(refused.status).toBe(403);
      expect(refused.body).toMatchObject({ errors: [{ pointer: '#/homeCountries' }] });
      expect(refused.body.type).toMatch(/step-up-required$/);

      const stale = await chain().api.asPlayer('mover', path, { method: 'PUT', body: wanted, amr: ['otp'], headers: { 'if-match': '"7"' } });
      expect(stale.status).toBe(412);
      const done = await chain().api.asPlayer('mover', path, { method: 'PUT', body: wanted, amr: ['pwd', 'otp'], headers: { 'if-match': '"0"' } });
      expect(done.status).toBe(200);
      expect(done.headers.get('etag')).toBe('"1"');
      await chain().settled();
      expect(await chain().messages('mover')).toMatchObject([{ channel: 'email', to: 'mover@example.com', triggers: [] }]);

      const [id = ''] = await post({ accountId: 'mover', ip: addresses.US });
      await chain().settled();
      expect((await history('mover')).items).toMatchObject([{ id, country: 'US' }]);
      expect((await chain().api.asPlayer('mover', `/v1/me/verdicts/${id}`)).status).toBe(404);
    });
  });

  describe.concurrent(`${name}: a lock, and the way out of it`, () => {
    const settingsPath = '/v1/me/security-settings';
    const choose = async (accountId: string, login_abroad: string[]) => {
      const body = { ...defaults, responses: { ...defaults.responses, login_abroad } };
      expect((await chain().api.asPlayer(accountId, settingsPath, { method: 'PUT', body })).status).toBe(200);
      await chain().settled();
    };
    const standing = async (accountId: string) => (await chain().api.signed(`/v1/accounts/${accountId}/standing`)).body;
    const check = async (accountId: string, ip: string) => (await chain().api.signed('/v1/access-checks', { body: { accountId, ip } })).body;
    const codeFor = async (accountId: string) => {
      const texts = (await chain().messages(accountId)).map(({ text }) => text);
      return texts.flatMap((text) => /\b[A-HJKMNP-Z2-9]{8}\b/.exec(text)?.[0] ?? [])[0] ?? '';
    };

    it('a login from abroad locks; access checks deny; a code to the contact unlocks, and the player is told and asked for a new password', async () => {
      await contact('locked-out', { email: 'locked-out@example.com', locale: 'en' });
      await choose('locked-out', ['email', 'lock']);
      expect(await check('locked-out', addresses.KR)).toMatchObject({ decision: 'allow', reasons: [], country: 'KR' });
      const occurredAt = new Date().toISOString();
      const [id = ''] = await post({ accountId: 'locked-out', ip: addresses.US, occurredAt });
      await chain().settled();
      expect(await standing('locked-out')).toEqual({ accountId: 'locked-out', state: 'locked', abroad: 'allowed', since: occurredAt, reason: 'login' });
      expect(await check('locked-out', addresses.KR)).toEqual({ decision: 'deny', reasons: ['locked'], country: 'KR' });

      // Nothing is weakened while it is locked, whatever the token proves.
      const refused = await chain().api.asPlayer('locked-out', settingsPath, { method: 'PUT', body: defaults, amr: ['otp'] });
      expect([refused.status, refused.body.type]).toEqual([403, 'https://loginward.dev/problems/account-locked']);

      const asked = await chain().api.plain('/v1/unlock-challenges', { body: { accountId: 'locked-out', channel: 'email' } });
      expect(asked.status).toBe(202);
      await chain().settled();
      const code = await codeFor('locked-out');
      const verify = (answer: string) => chain().api.plain('/v1/unlock-challenges/verify', { body: { challengeId: asked.body.challengeId, code: answer } });
      expect(await verify(code === 'AAAAAAAA' ? 'BBBBBBBB' : 'AAAAAAAA')).toMatchObject({ status: 400, body: { type: 'https://loginward.dev/problems/invalid-code' } });
      expect((await verify(code.toLowerCase())).status).toBe(200);
      expect((await verify(code)).status).toBe(400);
      await chain().settled();
      expect(await standing('locked-out')).toMatchObject({ state: 'active', reason: 'challenge' });
      expect((await check('locked-out', addresses.US)).decision).toBe('allow');
      const texts = (await chain().messages('locked-out')).filter(({ channel }) => channel === 'email').map(({ text }) => text);
      for (const what of [/New login/, /locked/i, /unlocked/i, /choose a new one/i]) expect(texts.some((text) => what.test(text)), String(what)).toBe(true);
      const { body: verdict } = await chain().api.asPlayer('locked-out', `/v1/me/verdicts/${id}`);
      expect(verdict.actions).toContainEqual(expect.objectContaining({ response: 'lock', outcome: 'done' }));
    });

    it('“not me” locks, from the page and by the link of the notice, and support can lift it', async () => {
      await contact('not-me', { email: 'not-me@example.com', locale: 'en' });
      const [id = ''] = await post({ accountId: 'not-me', ip: addresses.US });
      await chain().settled();
      const link = /\/v1\/not-me\?token=[\w.%-]+/.exec((await chain().messages('not-me'))[0]?.text ?? '')?.[0] ?? '';
      expect((await chain().api.plain(link)).status).toBe(200);
      await chain().settled();
      expect((await standing('not-me')).state).toBe('active');
      expect((await chain().api.plain(link, { method: 'POST' })).status).toBe(200);
      await chain().settled();
      expect(await standing('not-me')).toMatchObject({ state: 'locked', reason: 'disputed' });
      expect((await chain().api.asPlayer('not-me', `/v1/me/verdicts/${id}`)).body).toMatchObject({ triggers: ['login_abroad', 'disputed'], responses: ['email', 'lock'] });
      expect((await history('not-me')).items[0]).toMatchObject({ id, disputedAt: expect.any(String) });

      const unlocked = await chain().api.signed('/v1/accounts/not-me/unlock', { body: { reason: 'answered by telephone' } });
      expect([unlocked.status, unlocked.body.state]).toEqual([200, 'active']);
      await chain().settled();
      // The link is used up: it locks nothing any more.
      expect((await chain().api.plain(link, { method: 'POST' })).status).toBe(409);
      expect((await chain().api.asPlayer('not-me', `/v1/me/logins/${id}/dispute`, { method: 'POST' })).status).toBe(202);
      await chain().settled();
      expect((await standing('not-me')).state).toBe('active');
    });

    it('a trip lets the player in from there, once a code has proved more than the password', async () => {
      await contact('tripper', { phone: '+821011112222', locale: 'en', timeZone: 'UTC' });
      await choose('tripper', ['email', 'block_abroad']);
      expect(await check('tripper', addresses.JP)).toEqual({ decision: 'deny', reasons: ['abroad'], country: 'JP' });
      const today = new Date().toISOString().slice(0, 10);
      const trip = { countries: ['JP'], from: today, until: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10) };
      const announce = () => chain().api.asPlayer('tripper', '/v1/me/trips', { method: 'POST', body: trip });
      expect((await announce()).body.type).toBe('https://loginward.dev/problems/step-up-required');
      const asked = await chain().api.asPlayer('tripper', '/v1/me/challenges', { method: 'POST', body: { channel: 'sms' } });
      await chain().settled();
      const body = { challengeId: asked.body.challengeId, code: await codeFor('tripper') };
      expect((await chain().api.asPlayer('somebody-else', '/v1/me/challenges/verify', { method: 'POST', body })).status).toBe(400);
      expect((await chain().api.asPlayer('tripper', '/v1/me/challenges/verify', { method: 'POST', body })).status).toBe(200);
      await chain().settled();
      const made = await announce();
      expect([made.status, made.body]).toEqual([201, { ...trip, id: expect.any(String), timeZone: 'UTC' }]);
      await chain().settled();
      expect((await check('tripper', addresses.JP)).decision).toBe('allow');
      expect((await check('tripper', addresses.US)).decision).toBe('deny');
      const [id = ''] = await post({ accountId: 'tripper', ip: addresses.JP });
      await chain().settled();
      expect((await chain().api.asPlayer('tripper', `/v1/me/verdicts/${id}`)).status).toBe(404);
      expect((await chain().messages('tripper')).some(({ channel, text }) => channel === 'sms' && /trip/i.test(text))).toBe(false);
    });
  });

  describe.concurrent(`${name}: the history`, () => {
    it('pages newest first, by a cursor that is good for that list only', async () => {
      await post(Array.from({ length: 5 }, (_, index) => ({ accountId: 'paged', ip: addresses.KR, occurredAt: minutesAgo(10 - index), id: `${index}` })));
      await post({ accountId: 'other', ip: addresses.KR });
      await chain().settled();
      const all = (await history('paged')).items.map(({ id }) => String(id));
      expect(all).toHaveLength(5);
      expect(all.toSorted().toReversed()).toEqual(all);
      const first = await history('paged', '?limit=2');
      const second = await history('paged', `?limit=2&cursor=${first.cursor}`);
      const third = await history('paged', `?limit=2&cursor=${second.cursor}`);
      expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(all);
      expect(third.cursor).toBeNull();
      for (const bad of [`cursor=${first.cursor}x`, 'cursor=abc', 'limit=0', 'limit=101', 'limit=1e1', 'page=2']) {
        expect((await chain().api.signed(`/v1/accounts/paged/logins?${bad}`)).status, bad).toBe(400);
      }
      expect((await chain().api.signed(`/v1/accounts/other/logins?cursor=${first.cursor}`)).status).toBe(400);
    });

    it('is empty for an unknown account', async () => {
      expect(await history('nobody')).toEqual({ items: [], cursor: null });
    });
  });
}

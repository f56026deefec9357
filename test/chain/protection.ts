import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import { services } from '../../lib/services.ts';
import type { Answer, CallOptions } from '../support/local-client.ts';
import type { TestTables } from '../support/dynalite.ts';
import type { LocalChain } from '../support/local-chain.ts';
import { addresses } from './suite.ts';

/** A local run whose tables can be looked into. */
export interface OpenChain {
  readonly chain: LocalChain;
  readonly database: TestTables;
}

/** What may not happen to an account, and what is left of one; on a chain that runs other tests as well. */
export function protectionSuite(open: () => OpenChain): void {
  const api = () => open().chain.api;
  const settled = () => open().chain.settled();
  const messages = (accountId: string) => open().chain.messages(accountId);

  const day = 86_400_000;
  const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
  const contactOf = (accountId: string, data: object, time = hoursAgo(80)) =>
    api().signed('/v1/events', {
      headers: { 'content-type': 'application/cloudevents+json' },
      body: { specversion: '1.0', id: `contact-${accountId}-${time}`, source: 'accounts', type: 'loginward.contact.changed.v1', subject: accountId, time, data },
    });
  const choose = (accountId: string, login_abroad: string[]) =>
    api().asPlayer(accountId, '/v1/me/security-settings', { method: 'PUT', body: { homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad } } });
  const post = async (body: unknown): Promise<string[]> => (await api().signed('/v1/logins', { body })).body.results.map(({ id }: { id: string }) => id);

  describe('strangers: two players see and do nothing of the other’s, on any route', () => {
    const owned = { phone: '+821077778888', email: 'owner@example.com' };
    let loginId: string;
    let tripId: string;
    let challengeId: string;
    let before: unknown;
    const stateOf = async (accountId: string) => {
      const get = async (path: string) => (await api().asPlayer(accountId, path)).body as unknown;
      return {
        logins: await get('/v1/me/logins'),
        verdict: await get(`/v1/me/verdicts/${loginId}`),
        settings: await get('/v1/me/security-settings'),
        trips: await get('/v1/me/trips'),
        standing: (await api().signed(`/v1/accounts/${accountId}/standing`)).body as unknown,
      };
    };
    beforeAll(async () => {
      await contactOf('owner', owned);
      await choose('owner', ['email', 'sms']);
      [loginId = ''] = await post({ accountId: 'owner', ip: addresses.US, product: 'the owner’s game' });
      const trip = { countries: ['JP'], from: '2027-01-01', until: '2027-01-10' };
      tripId = (await api().asPlayer('owner', '/v1/me/trips', { method: 'POST', body: trip, amr: ['otp'] })).body.id;
      challengeId = (await api().asPlayer('owner', '/v1/me/challenges', { method: 'POST', body: { channel: 'email' } })).body.challengeId;
      await settled();
      before = await stateOf('owner');
    });

    const body = (path: string): CallOptions['body'] => {
      if (path.endsWith('/verify')) return { challengeId, code: 'ABCDEFGH' };
      if (path.endsWith('/challenges')) return { channel: 'email' };
      if (path.endsWith('/trips')) return { countries: ['US'], from: '2027-02-01', until: '2027-02-02' };
      if (path.endsWith('/security-settings')) return { homeCountries: ['KR', 'US'], responses: defaultResponses };
      return undefined;
    };
    const routes = services.flatMap(({ api }) => api?.routes ?? []);
    const paths = (path: string) => path.replace('{loginId}', loginId).replace('{id}', tripId).replace('{accountId}', 'owner');
    const secrets = () => [loginId, tripId, addresses.US, 'the owner’s game', owned.phone, owned.email];

    it.each(routes.filter(({ authorization }) => authorization === 'player'))('$method $path', async ({ method, path }) => {
      const answer: Answer = await api().asPlayer('stranger', paths(path), { method, body: method === 'GET' ? undefined : body(path), amr: ['pwd'] });
      if (path.includes('{')) expect([404, 400]).toContain(answer.status);
      for (const secret of secrets()) expect(JSON.stringify(answer.body ?? '')).not.toContain(secret);
    });

    it('after all of it, nothing of the other’s has changed', async () => {
      await settled();
      expect(await stateOf('owner')).toEqual(before);
    });

    it.each(routes.filter(({ authorization }) => authorization === 'iam'))('$method $path without a signature', async ({ method, path }) => {
      for (const answer of [await api().plain(paths(path), { method }), await api().asPlayer('owner', paths(path), { method })]) {
        expect([answer.status, answer.body]).toEqual([403, { message: 'Forbidden' }]);
      }
    });

    it('a token of the one never reaches the other’s challenge, and its player still can answer it', async () => {
      const code = /\b[A-HJKMNP-Z2-9]{8}\b/.exec((await messages('owner')).map(({ text }) => text).join('\n'))?.[0] ?? '';
      for (const attempt of [1, 2]) {
        const answer = await api().asPlayer('stranger', '/v1/me/challenges/verify', { method: 'POST', body: { challengeId, code } });
        expect(answer.status, String(attempt)).toBe(400);
      }
      expect((await api().asPlayer('owner', '/v1/me/challenges/verify', { method: 'POST', body: { challengeId, code } })).status).toBe(200);
    });
  });

  describe.concurrent('a day late', () => {
    it('events replayed after 24 hours: no kick, no SMS, one digest', async () => {
      await contactOf('late', { email: 'late@example.com', phone: '+821033334444', locale: 'en' });
      // The choice was made before the logins occurred; its version is older than they are.
      await choose('late', ['sms', 'email', 'kick', 'player_message']);
      await settled();
      const versions = { TableName: 'loginward-local-security-settings', Key: { accountId: 'late', version: '0000000001' } };
      await open().database.tables.send(new UpdateCommand({ ...versions, UpdateExpression: 'SET since = :since', ExpressionAttributeValues: { ':since': hoursAgo(48) } }));
      const told = (await messages('late')).length;
      // A digest is of a day (UTC): none begins meanwhile.
      const untilMidnight = day - (Date.now() % day);
      if (untilMidnight < 60_000) await delay(untilMidnight);
      await post(
        Array.from({ length: 12 }, (_, index) => ({ accountId: 'late', ip: index % 2 === 0 ? addresses.US : addresses.JP, id: `late-${index}`, occurredAt: hoursAgo(30 - index / 4) })),
      );
      await settled();
      const sent = (await messages('late')).slice(0, -told || undefined);
      expect(sent.map(({ channel }) => channel)).toEqual(['email']);
      const { items } = (await api().signed('/v1/accounts/late/logins')).body;
      const outcomes = new Set(items.flatMap(({ verdict }: { verdict: { actions: { outcome?: string }[] } }) => verdict.actions.map(({ outcome }) => outcome)));
      expect([...outcomes]).toEqual(['stale']);
    });
  });

  describe.concurrent('an account that is erased', () => {
    it('is in no table and no log any more, and what still arrives for it brings nothing back', async () => {
      const secrets = ['forgotten-player', 'forget@example.com', '+821055556666', '9.9.9.9'];
      await contactOf('forgotten-player', { email: secrets[1], phone: secrets[2] });
      await choose('forgotten-player', ['email', 'sms', 'kick', 'lock']);
      const login = { accountId: 'forgotten-player', ip: secrets[3] };
      const [loginId = ''] = await post(login);
      await settled();
      await api().asPlayer('forgotten-player', '/v1/me/challenges', { method: 'POST', body: { channel: 'email' } });
      await api().plain('/v1/unlock-challenges', { body: { accountId: 'forgotten-player', channel: 'email' } });
      await api().asPlayer('forgotten-player', `/v1/me/logins/${loginId}/dispute`, { method: 'POST' });
      await settled();
      const found = await search(secrets);
      // What is looked for can be found: these are the tables that hold something of an account.
      expect([...found.keys()].toSorted()).toEqual([
        'account-facts', 'challenge-accounts', 'challenge-contacts', 'challenge-limits', 'challenges', 'contacts', 'login-history', 'security-settings', 'sent-log', 'standings', 'verdicts',
      ].map((name) => `loginward-local-${name}`)); // prettier-ignore

      const erased = await api().signed('/v1/accounts/forgotten-player', { method: 'DELETE' });
      expect(erased.status).toBe(202);
      // Some of it is on the way while it is being erased, the rest comes after.
      await post([login, { ...login, outcome: 'failure' }]);
      await settled();
      await post([login, { ...login, ip: addresses.KR }]);
      await contactOf('forgotten-player', { email: secrets[1] }, hoursAgo(1));
      await api().asPlayer('forgotten-player', '/v1/me/security-settings', { method: 'PUT', body: { homeCountries: ['KR'], responses: { ...defaultResponses, unlocated: ['lock'] } } });
      await api().plain('/v1/unlock-challenges', { body: { accountId: 'forgotten-player', channel: 'email' } });
      await settled();
      expect([...(await search(secrets))]).toEqual([]);
      expect((await api().signed('/v1/accounts/forgotten-player/logins')).body.items).toEqual([]);
      expect(await logsWith(secrets)).toEqual([]);
    });

    /** Tables with an item that holds one of some texts. */
    async function search(texts: readonly string[]): Promise<Map<string, string>> {
      const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: open().database.url, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }));
      const found = new Map<string, string>();
      for (const { name } of services.flatMap(({ tables }) => tables)) {
        const TableName = `loginward-local-${name}`;
        const { Items = [] } = await client.send(new ScanCommand({ TableName }));
        const hit = Items.map((item) => JSON.stringify(item)).find((item) => texts.some((text) => item.includes(text)));
        if (hit !== undefined) found.set(TableName, hit);
      }
      client.destroy();
      return found;
    }

    async function logsWith(texts: readonly string[]): Promise<string[]> {
      const folder = join(open().chain.data, 'logs');
      const files = await readdir(folder);
      expect(files.length).toBeGreaterThan(5);
      const hits = await Promise.all(files.map(async (file) => ({ file, log: await readFile(join(folder, file), 'utf8') })));
      return hits.filter(({ log }) => texts.some((text) => log.includes(text))).map(({ file }) => file);
    }
  });
}

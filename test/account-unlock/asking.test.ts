import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networkOf } from '../../lambdas/account-unlock/network.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { hours, minutes, reachable, setUp, start } from './set-up.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

const longAgo = start - hours(1000);

describe('asking for a code', () => {
  it('is answered the same whether or not there is such an account', async () => {
    const { contact, ask, accountId } = setUp(database.tables);
    await contact(reachable, longAgo);
    const [known, unknown] = [await ask('public', 'sms', '8.8.8.8', accountId), await ask('public', 'sms', '8.8.8.8', 'nobody')];
    expect(known.status).toBe(202);
    expect({ ...unknown, body: Object.keys(unknown.body), text: '' }).toEqual({ ...known, body: ['challengeId'], text: '' });
    expect(unknown.body.challengeId).toHaveLength(known.body.challengeId.length);
  });

  it('touches no table, so that it takes as long for every account', async () => {
    const untouchable = { send: () => expect.unreachable() } as unknown as TestTables['tables'];
    const { ask } = setUp(untouchable);
    expect((await ask('public')).status).toBe(202);
    expect((await ask('player')).status).toBe(202);
  });

  it('tells the bus two digests, and the challengeId to nobody but the asker', async () => {
    const { ask, asking, accountId, bus } = setUp(database.tables);
    const { challengeId } = (await ask('public', 'email', '2001:db9::1')).body;
    expect(Buffer.from(challengeId, 'base64url')).toHaveLength(32);
    expect(asking()).toMatchObject({ subject: accountId, data: { asker: 'public', channel: 'email', requestedAt: new Date(start).toISOString() } });
    expect(asking().data.challenge).not.toBe(asking().data.codeKey);
    expect(JSON.stringify(bus.published)).not.toContain(challengeId);
    expect(JSON.stringify(bus.published)).not.toContain('2001:db9');
  });

  it('as a player takes the account of the token, and no network', async () => {
    const { ask, asking, accountId } = setUp(database.tables);
    await ask('player', 'sms');
    expect(asking()).toMatchObject({ subject: accountId, data: { asker: 'player', channel: 'sms' } });
    expect(asking().data.network).toBeUndefined();
  });

  it('is 503 when the bus does not confirm it', async () => {
    const { ask } = setUp(database.tables, { isDown: () => true });
    const { status, headers, body } = await ask('public');
    expect([status, headers['retry-after'], body.type]).toEqual([503, '5', 'https://loginward.dev/problems/bus-unavailable']);
  });

  it.each([
    ['POST /v1/me/challenges', {}, '#/channel'],
    ['POST /v1/me/challenges', { channel: 'pigeon' }, '#/channel'],
    ['POST /v1/me/challenges', { channel: 'sms', accountId: 'other' }, '#/accountId'],
    ['POST /v1/unlock-challenges', { channel: 'sms' }, '#/accountId'],
    ['POST /v1/unlock-challenges', { accountId: 'a b', channel: 'sms' }, '#/accountId'],
    ['POST /v1/me/challenges/verify', { code: 'A' }, '#/challengeId'],
    ['POST /v1/unlock-challenges/verify', { challengeId: 'a', code: '' }, '#/code'],
  ])('of %s with %j is refused with a pointer', async (route, body, pointer) => {
    const { call, accountId } = setUp(database.tables);
    const answer = await call({ route, body, claims: { sub: accountId } });
    expect([answer.status, answer.body.errors?.map((error: { pointer: string }) => error.pointer)]).toEqual([400, [pointer]]);
  });
});

describe('a network', () => {
  it('is an IPv4 address itself, v4-mapped or not, and the /64 of an IPv6 address', () => {
    expect(networkOf('::ffff:8.8.8.8')).toBe(networkOf('8.8.8.8'));
    expect(networkOf('8.8.8.9')).not.toBe(networkOf('8.8.8.8'));
    expect(networkOf('2a00:1:2:3::1')).toBe(networkOf('2a00:1:2:3:ffff:ffff:ffff:ffff'));
    expect(networkOf('2a00:1:2:4::1')).not.toBe(networkOf('2a00:1:2:3::1'));
  });

  it('gets 10 codes in an hour, for all accounts together; the player who is signed in is not counted', async () => {
    const { services, challenge, sent, clock, telemetry } = setUp(database.tables);
    const accounts = Array.from({ length: 11 }, (_, index) => `of-one-network-${index}`);
    for (const account of accounts) await services.contacts.keep(account, { ...reachable, since: new Date(longAgo).toISOString() });
    for (const account of accounts) await challenge('public', 'email', '9.9.9.9', account);
    expect(sent).toHaveLength(10);
    expect(telemetry.counts.get('CodeLimited')).toBe(1);
    await challenge('player', 'email', '9.9.9.9', accounts[10]);
    expect(sent).toHaveLength(11);
    clock.now += hours(1);
    await challenge('public', 'email', '9.9.9.9', accounts[10]);
    expect(sent).toHaveLength(12);
  });

  it('past its limit uses up nothing of an account', async () => {
    const { contact, challenge, services, sent } = setUp(database.tables);
    await contact(reachable, longAgo);
    await services.contacts.keep('other-of-network', { ...reachable, since: new Date(longAgo).toISOString() });
    for (let each = 0; each < 5; each += 1) await challenge('public', 'email', '9.9.9.10', 'other-of-network');
    for (let each = 0; each < 20; each += 1) await challenge('public', 'email', '9.9.9.10');
    expect(sent).toHaveLength(10);
    await challenge('public', 'email', '9.9.9.11');
    await challenge('public', 'email', '9.9.9.12');
    expect(sent).toHaveLength(12);
  });
});

describe('an account', () => {
  it('gets 10 codes in a sliding hour', async () => {
    const { contact, challenge, sent, clock } = setUp(database.tables);
    await contact(reachable, longAgo);
    for (let each = 0; each < 11; each += 1) {
      await challenge('player');
      clock.now += minutes(5);
    }
    expect(sent).toHaveLength(10);
    // 5 minutes later the first of them was sent an hour ago.
    clock.now += minutes(5);
    await challenge('player');
    await challenge('player');
    expect(sent).toHaveLength(11);
  });

  it('gets 5 of them by one network, so that a stranger leaves some to its player', async () => {
    const { challenge, sent, contact } = setUp(database.tables);
    await contact(reachable, longAgo);
    for (let each = 0; each < 6; each += 1) await challenge('public', 'email', '8.8.4.4');
    expect(sent).toHaveLength(5);
    await challenge('public', 'email', '45.45.45.45');
    expect(sent).toHaveLength(6);
  });

  it('whose code a thousand strangers ask for gets 7 of them, and its player is served all the same', async () => {
    const { contact, challenge, ask, asking, send, sent, clock, verify } = setUp(database.tables);
    await contact(reachable, longAgo);
    const mine = await challenge('player');
    const askings = [];
    for (let each = 0; each < 1000; each += 1) {
      await ask('public', 'email', `7.${each >> 8}.${each & 255}.1`);
      askings.push(asking());
    }
    // As many at once as the function's concurrency and batch size let in.
    for (let from = 0; from < askings.length; from += 50) {
      await Promise.all(askings.slice(from, from + 50).map(send));
      clock.now += 10_000;
    }
    expect(sent).toHaveLength(1 + 7);
    expect((await verify('player', mine.challengeId, mine.code)).status).toBe(200);
    const another = await challenge('player');
    expect((await verify('player', another.challengeId, another.code)).status).toBe(200);
  });
});

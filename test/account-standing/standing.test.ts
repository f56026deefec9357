import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copySettings, lockAccount, unlockAccount } from '../../lambdas/account-standing/handler.ts';
import { checkAccess, getMyStanding, getStanding, type Services, unlockBySupport } from '../../lambdas/account-standing/routes.ts';
import type { Response } from '../../lambdas/contracts/primitives.ts';
import { defaultResponses, type Trip } from '../../lambdas/contracts/settings.ts';
import { ParkError } from '../../lambdas/runtime/failures.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf, locatedLogin } from '../support/logins.ts';
import { memoryBus, memoryTelemetry } from '../support/records.ts';
import { client } from '../support/requests.ts';
import { defaults, standingServices } from '../support/services.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

let accounts = 0;
const start = Date.parse('2026-11-21T00:00:00Z');
const at = (minute: number): string => new Date(start + minute * 60_000).toISOString();
const countries: Record<string, string> = { '1.201.1.1': 'KR', '8.8.8.8': 'US', '133.11.0.1': 'JP' };

/** An account, and what reaches account-standing about it. */
function setUp({ locksPerHour, bus = memoryBus(), mode = 'enforce' }: { locksPerHour?: number; bus?: ReturnType<typeof memoryBus>; mode?: Services['mode'] } = {}) {
  const account = `standing-${(accounts += 1)}`;
  const clock = { now: start + 60 * 60_000 };
  const now = () => new Date(clock.now);
  const services = standingServices(database.tables, now, locksPerHour);
  const telemetry = memoryTelemetry();
  const api: Services = {
    standings: services.standings,
    geoDatabase: { countryOf: (ip) => countries[ip] },
    defaults,
    mode,
    publisher: bus,
    telemetry,
    accountClaim: 'sub',
    newId: () => `support-${account}-${clock.now}`,
    now,
  };
  const { call } = client(
    {
      'POST /v1/access-checks': checkAccess,
      'GET /v1/accounts/{accountId}/standing': getStanding,
      'GET /v1/me/standing': getMyStanding,
      'POST /v1/accounts/{accountId}/unlock': unlockBySupport,
    },
    api,
  );
  const path = { accountId: account };
  const lockEvent = (minute: number, triggers: ('login_abroad' | 'disputed')[] = ['login_abroad'], of = account) =>
    eventOf('action.requested', of, {
      actionId: `lock-${minute}-${triggers.join()}`,
      loginId: locatedLogin(of, `${minute}`, new Date(at(minute))).loginId,
      response: 'lock',
      triggers,
      country: 'US',
      occurredAt: at(minute),
      staleAfter: at(90 * 24 * 60),
      text: { ko: '', en: '' },
    });
  return {
    account,
    clock,
    bus,
    services,
    lockEvent,
    lock: (minute: number, triggers?: ('login_abroad' | 'disputed')[], of?: string) => lockAccount(lockEvent(minute, triggers, of), services),
    unlock: (minute: number, purpose: 'unlock' | 'step_up' = 'unlock') =>
      unlockAccount(eventOf('challenge.verified', account, { challenge: 'c'.repeat(43), verifiedAt: at(minute), channel: 'email', purpose }), services),
    choose: (version: number, login_abroad: Response[], trips: Trip[] = [], homeCountries = ['KR']) =>
      copySettings(
        eventOf('settings.changed', account, { version, since: at(0), homeCountries, responses: { ...defaultResponses, login_abroad }, trips, previous: { ...defaults, trips: [] } }),
        services,
      ),
    standing: async () => (await call({ route: 'GET /v1/accounts/{accountId}/standing', path })).body,
    own: (sub: string) => call({ route: 'GET /v1/me/standing', claims: { sub } }),
    check: async (ip: string) => (await call({ route: 'POST /v1/access-checks', body: { accountId: account, ip } })).body,
    support: (body: object = { reason: 'called, and answered all questions' }) => call({ route: 'POST /v1/accounts/{accountId}/unlock', path, body }),
  };
}

const names = (drafts: readonly { name: string }[]) => drafts.map(({ name }) => name);

describe('an account is locked', () => {
  it('if the newest lock is newer than the newest unlock, whatever order they arrive in', async () => {
    const orders = [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]];
    for (const order of orders) {
      const { lock, unlock, standing } = setUp();
      for (const step of order) await (step === 2 ? unlock(2) : lock(step));
      expect(await standing(), order.join()).toMatchObject({ state: 'locked', since: at(3), reason: 'login' });
    }
    for (const order of orders) {
      const { lock, unlock, standing } = setUp();
      for (const step of order) await (step === 3 ? unlock(3) : lock(step));
      expect(await standing(), order.join()).toMatchObject({ state: 'active', since: at(3), reason: 'challenge' });
    }
  });

  it('and never because of a step-up alone unlocked', async () => {
    const { lock, unlock, standing } = setUp();
    await lock(1);
    expect(await unlock(2, 'step_up')).toEqual([]);
    expect((await standing()).state).toBe('locked');
  });

  it('when nothing is known of it: not', async () => {
    const { standing, account } = setUp();
    expect(await standing()).toEqual({ accountId: account, state: 'active', abroad: 'allowed' });
  });

  it('and its player sees that, since when and why, and nobody else does', async () => {
    const { account, lock, own } = setUp();
    await lock(1, ['disputed']);
    expect((await own(account)).body).toMatchObject({ accountId: account, state: 'locked', since: at(1), reason: 'disputed' });
    expect((await own(`${account}-other`)).body).toEqual({ accountId: `${account}-other`, state: 'active', abroad: 'allowed' });
    expect((await own('no account')).status).toBe(403);
  });

  it('and that is told once for each turn, again under the same id when the event comes again', async () => {
    const { lock, unlock } = setUp();
    const first = await lock(1);
    expect(names(first)).toEqual(['account.standing_changed', 'action.completed']);
    expect(first[0]?.data).toMatchObject({ state: 'locked', since: at(1), lockedAt: at(1), reason: 'login' });
    expect(await lock(1)).toEqual(first);
    // Locked already: the action is done, and nothing turned.
    expect(names(await lock(2))).toEqual(['action.completed']);
    expect(names(await unlock(3))).toEqual(['account.standing_changed']);
    expect(names(await unlock(4))).toEqual([]);
    expect(await lock(1)).toEqual(first);
  });

  it('not by an action that is stale', async () => {
    const { lockEvent, services, standing, clock } = setUp();
    const event = lockEvent(1);
    clock.now = Date.parse(event.data.staleAfter) + 1;
    expect(await lockAccount(event, services)).toMatchObject([{ name: 'action.completed', data: { outcome: 'stale' } }]);
    expect((await standing()).state).toBe('active');
  });
});

describe('locks beyond a set rate', () => {
  it('are held in the dead-letter queue with the reason, and go through when brought back later; disputes are never held', async () => {
    const chain = setUp({ locksPerHour: 3 });
    // An hour of its own: the rate is of all accounts.
    chain.clock.now += 1000 * 3_600_000;
    const lockOther = (index: number) => chain.lock(1, undefined, `mass-${chain.account}-${index}`);
    for (let index = 0; index < 3; index += 1) await lockOther(index);
    await expect(lockOther(3)).rejects.toThrow(ParkError);
    await expect(lockOther(3)).rejects.toThrow('held: more than 3 accounts');
    // A lock of an account that is locked already locks nobody.
    await lockOther(0);
    await chain.lock(2, ['disputed']);
    expect((await chain.standing()).state).toBe('locked');
    chain.clock.now += 3_600_000;
    expect(names(await lockOther(3))).toContain('account.standing_changed');
  });
});

describe('an access check', () => {
  const trip: Trip = { id: 't', countries: ['JP'], from: '2026-11-21', until: '2026-11-21', timeZone: 'UTC', startsAt: at(0), endsAt: at(24 * 60) };

  /** What the rules say, by what the player chose and where the address lies. */
  const statement: [chosen: string, place: string, denied: string[]][] = [
    ['email', '1.201.1.1', []],
    ['email', '8.8.8.8', []],
    ['email', '133.11.0.1', []],
    ['email', '192.168.0.1', []],
    ['block_abroad', '1.201.1.1', []],
    ['block_abroad', '8.8.8.8', ['abroad']],
    ['block_abroad', '133.11.0.1', []],
    ['block_abroad', '192.168.0.1', ['unlocated']],
  ];

  it.each(statement)('with %s chosen and a trip to Japan, from %s: denied for %j', async (chosen, ip, denied) => {
    const { choose, check, lock, clock } = setUp();
    await choose(1, [chosen as Response], [trip]);
    const country = countries[ip] ?? null;
    expect(await check(ip)).toMatchObject({ decision: denied.length > 0 ? 'deny' : 'allow', reasons: denied, country });
    await lock(1);
    expect(await check(ip)).toMatchObject({ decision: 'deny', reasons: ['locked', ...denied] });
    clock.now = Date.parse(trip.endsAt);
    if (chosen === 'block_abroad' && ip === '133.11.0.1') expect((await check(ip)).reasons).toEqual(['locked', 'abroad']);
  });

  it('of an account that chose nothing follows the defaults', async () => {
    const { check } = setUp();
    expect(await check('8.8.8.8')).toEqual({ decision: 'allow', reasons: [], country: 'US' });
    expect(await check('192.168.0.1')).toEqual({ decision: 'allow', reasons: [], country: null, unlocatedReason: 'private' });
  });

  it('knows the newest settings, whatever order they arrive in', async () => {
    const { choose, check, standing } = setUp();
    await choose(2, ['block_abroad'], [], ['JP']);
    await choose(1, ['email']);
    expect((await check('1.201.1.1')).reasons).toEqual(['abroad']);
    expect((await check('133.11.0.1')).reasons).toEqual([]);
    expect((await standing()).abroad).toBe('blocked');
  });

  it('in the mode observe lets everybody in, and says why it would not', async () => {
    const { lock, check } = setUp({ mode: 'observe' });
    await lock(1);
    expect(await check('8.8.8.8')).toEqual({ decision: 'allow', reasons: ['locked'], country: 'US' });
  });
});

describe('support', () => {
  it('lifts a lock, which is told, and kept with who and why', async () => {
    const { lock, support, standing, bus, services, account } = setUp();
    await lock(1);
    expect((await support()).body).toMatchObject({ state: 'active', reason: 'support' });
    expect(bus.published).toMatchObject([{ type: 'loginward.account.standing_changed.v1', data: { state: 'active', reason: 'support' } }]);
    // Why it was lifted is for the audit, not for the bus.
    expect(JSON.stringify(bus.published)).not.toContain('all questions');
    expect((await services.standings.find(account)).changes[0]?.audit).toMatchObject({ reason: 'called, and answered all questions' });
    expect((await standing()).state).toBe('active');
  });

  it('lifts a lock of a login that lies some minutes ahead', async () => {
    const { lock, support, clock } = setUp();
    await lock(64);
    clock.now = start + 60 * 60_000;
    expect((await support()).body.state).toBe('active');
  });

  it('has it told later when the bus was down, and not twice', async () => {
    let down = true;
    const { lock, support, bus } = setUp({ bus: memoryBus(() => down) });
    await lock(1);
    expect((await support()).status).toBe(503);
    down = false;
    expect((await support()).status).toBe(200);
    expect((await support()).status).toBe(200);
    expect(bus.published).toHaveLength(1);
  });

  it('must say why', async () => {
    const { support } = setUp();
    expect(await support({})).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/reason' }] } });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge, keepProof, keepStanding, keepTimeZone } from '../../lambdas/account-security/handler.ts';
import { putSettings, type Services } from '../../lambdas/account-security/routes.ts';
import { deleteTrip, getTrips, postTrip } from '../../lambdas/account-security/trips.ts';
import type { EventData } from '../../lambdas/contracts/events.ts';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf, locatedLogin } from '../support/logins.ts';
import { memoryBus } from '../support/records.ts';
import { client } from '../support/requests.ts';
import { defaults, judgeServices, playerServices } from '../support/services.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

let accounts = 0;
const minute = 60_000;

/** A player whose clock the test sets. */
function setUp(bus = memoryBus()) {
  const sub = `traveller-${(accounts += 1)}`;
  const clock = { now: Date.parse('2026-11-21T03:00:00Z') };
  const now = () => new Date(clock.now);
  const services: Services = playerServices(database.tables, bus, now);
  const security = judgeServices(database.tables);
  const { call } = client(
    { 'GET /v1/me/trips': getTrips, 'POST /v1/me/trips': postTrip, 'DELETE /v1/me/trips/{id}': deleteTrip, 'PUT /v1/me/security-settings': putSettings },
    services,
  );
  return {
    sub,
    bus,
    clock,
    list: (query: Record<string, string> = {}) => call({ route: 'GET /v1/me/trips', query, claims: { sub } }),
    announce: (body: object, amr = '[otp]') => call({ route: 'POST /v1/me/trips', body, claims: { sub, amr } }),
    remove: (id: string) => call({ route: 'DELETE /v1/me/trips/{id}', path: { id }, claims: { sub, amr: '[pwd]' } }),
    weaken: (amr = '[pwd]') => call({ route: 'PUT /v1/me/security-settings', body: { ...defaults, responses: { ...defaultResponses, login_abroad: ['none'] } }, claims: { sub, amr } }),
    prove: (at: number) =>
      keepProof(eventOf('challenge.verified', sub, { challenge: 'c'.repeat(43), verifiedAt: new Date(at).toISOString(), channel: 'email', purpose: 'step_up' }), security),
    stand: (data: Partial<EventData<'account.standing_changed'>>) =>
      keepStanding(eventOf('account.standing_changed', sub, { state: 'locked', since: now().toISOString(), reason: 'login', ...data }), security),
    live: (timeZone: string, since = now()) => keepTimeZone(eventOf('contact.changed', sub, { timeZone }, since), security),
    /** Whether a login counts as one from abroad. */
    isAbroad: async (country: string, occurredAt: string) => {
      const login = locatedLogin(sub, occurredAt + country, new Date(occurredAt), { country });
      return (await judge(eventOf('login.recorded', sub, { login, history: {} }), security)).length > 0;
    },
  };
}

const japan = { countries: ['JP'], from: '2026-12-01', until: '2026-12-10' };

describe('a trip', () => {
  it('lets a login from there in that time count as home: whole days, the last included, in the time zone of the contact', async () => {
    const { live, announce, isAbroad } = setUp();
    await live('America/New_York');
    const { status, body } = await announce(japan);
    expect([status, body]).toEqual([201, { ...japan, id: expect.any(String), timeZone: 'America/New_York' }]);
    expect(await isAbroad('JP', '2026-12-01T04:59:59Z')).toBe(true);
    expect(await isAbroad('JP', '2026-12-01T05:00:00Z')).toBe(false);
    expect(await isAbroad('JP', '2026-12-11T04:59:59Z')).toBe(false);
    expect(await isAbroad('JP', '2026-12-11T05:00:00Z')).toBe(true);
    expect(await isAbroad('US', '2026-12-05T00:00:00Z')).toBe(true);
  });

  it('keeps the time zone of the moment in which it was made; of two contacts the later one counts, in whatever order they come', async () => {
    const { live, announce, isAbroad, clock } = setUp();
    await live('Europe/London', new Date(clock.now - minute));
    await live('Asia/Seoul', new Date(clock.now - 2 * minute));
    expect((await announce(japan)).body.timeZone).toBe('Europe/London');
    await live('Asia/Seoul');
    expect(await isAbroad('JP', '2026-11-30T23:30:00Z')).toBe(true);
    expect((await announce({ ...japan, countries: ['VN'] })).body.timeZone).toBe('Asia/Seoul');
  });

  it('has days of 23 and 25 hours where clocks are set', async () => {
    const { live, announce, isAbroad } = setUp();
    await live('America/New_York');
    await announce({ countries: ['JP'], from: '2027-03-14', until: '2027-03-14' });
    expect(await isAbroad('JP', '2027-03-14T05:00:00Z')).toBe(false);
    expect(await isAbroad('JP', '2027-03-15T03:59:59Z')).toBe(false);
    expect(await isAbroad('JP', '2027-03-15T04:00:00Z')).toBe(true);
  });

  it('excuses nothing that came before it was made', async () => {
    const { announce, isAbroad, clock } = setUp();
    await announce({ ...japan, from: '2026-11-20' });
    expect(await isAbroad('JP', new Date(clock.now - 1).toISOString())).toBe(true);
    expect(await isAbroad('JP', new Date(clock.now + 1).toISOString())).toBe(false);
  });

  it('ends by itself, and is then not listed; a deleted one ends at once', async () => {
    const { announce, remove, list, isAbroad, clock } = setUp();
    const { body: short } = await announce({ ...japan, from: '2026-11-21', until: '2026-11-21' });
    const { body: long } = await announce(japan);
    expect((await list()).body).toEqual({ items: [short, long], cursor: null });
    clock.now = Date.parse('2026-11-21T15:00:00Z');
    expect((await list()).body.items).toEqual([long]);
    expect((await remove(long.id)).status).toBe(204);
    expect((await list()).body.items).toEqual([]);
    expect(await isAbroad('JP', '2026-12-05T00:00:00Z')).toBe(true);
    expect((await remove(long.id)).status).toBe(404);
  });

  it('is told to the other services, with what was before', async () => {
    const { announce, remove, bus } = setUp();
    const { body } = await announce(japan);
    await remove(body.id);
    expect(bus.published.map(({ data }) => data)).toMatchObject([
      { version: 1, trips: [{ id: body.id, startsAt: '2026-11-30T15:00:00.000Z', endsAt: '2026-12-10T15:00:00.000Z' }], previous: { trips: [] } },
      { version: 2, trips: [], previous: { trips: [{ id: body.id }] } },
    ]);
  });

  it('announced again because the bus was down is still one trip', async () => {
    let down = true;
    const { announce, list, bus } = setUp(memoryBus(() => down));
    expect((await announce(japan)).status).toBe(503);
    down = false;
    expect((await announce(japan)).status).toBe(201);
    expect((await list()).body.items).toHaveLength(1);
    expect(bus.published).toHaveLength(1);
  });

  it('is one of 20 at most, listed page by page', async () => {
    const { announce, list, clock } = setUp();
    for (let day = 1; day <= 20; day += 1) {
      const date = `2026-12-${String(day).padStart(2, '0')}`;
      clock.now += 3 * minute;
      expect((await announce({ countries: ['JP'], from: date, until: date })).status).toBe(201);
    }
    expect(await announce(japan)).toMatchObject({ status: 409, body: { type: expect.stringMatching(/\/conflict$/) } });
    const first = (await list({ limit: '12' })).body;
    const second = (await list({ limit: '12', cursor: first.cursor })).body;
    expect([first.items.length, second.items.length, second.cursor]).toEqual([12, 8, null]);
    expect((await list({ cursor: `${first.cursor}x` })).status).toBe(400);
    expect((await list({ page: '2' })).status).toBe(400);
  });

  it.each([
    ['no country', { countries: [] }, '#/countries'],
    ['an unknown country', { countries: ['ZZ'] }, '#/countries/0'],
    ['a country twice', { countries: ['JP', 'JP'] }, '#/countries'],
    ['no date', { from: 'tomorrow' }, '#/from'],
    ['a day that there is not', { until: '2026-02-30' }, '#/until'],
    ['an end before its beginning', { until: '2026-11-30' }, '#/until'],
    ['more than 90 days', { until: '2027-03-01' }, '#/until'],
    ['days that are over', { from: '2026-11-01', until: '2026-11-20' }, '#/until'],
    ['days more than a year ahead', { from: '2027-12-01', until: '2027-12-10' }, '#/until'],
    ['an unknown field', { purpose: 'holiday' }, '#/purpose'],
  ])('with %s is refused with a pointer', async (_, change, pointer) => {
    const { announce } = setUp();
    const { status, body } = await announce({ ...japan, ...change });
    expect([status, body.errors.map((error: { pointer: string }) => error.pointer)]).toEqual([400, [pointer]]);
  });

  it('of exactly 90 days is taken', async () => {
    const { announce } = setUp();
    expect((await announce({ ...japan, until: '2027-02-28' })).status).toBe(201);
  });
});

describe('what weakens protection needs proof beyond the password', () => {
  const stepUp = { status: 403, body: { type: 'https://loginward.dev/problems/step-up-required' } };

  it('a trip and a milder response: a password alone is refused', async () => {
    const { announce, weaken, list } = setUp();
    expect(await announce(japan, '[pwd]')).toMatchObject(stepUp);
    expect(await weaken()).toMatchObject(stepUp);
    expect((await list()).body.items).toEqual([]);
  });

  it('a token that names a trusted method is enough', async () => {
    const { announce, weaken } = setUp();
    expect((await announce(japan, '[pwd otp]')).status).toBe(201);
    expect((await weaken('[otp]')).status).toBe(200);
  });

  it('so is a challenge answered in the last 10 minutes, for all changes in that time, and not for one later', async () => {
    const { announce, weaken, prove, clock } = setUp();
    await prove(clock.now);
    clock.now += 10 * minute;
    expect((await announce(japan, '[pwd]')).status).toBe(201);
    expect((await weaken()).status).toBe(200);
    clock.now += 1;
    expect(await announce({ ...japan, countries: ['VN'] }, '[pwd]')).toMatchObject(stepUp);
  });

  it('of two proofs the later one counts, in whatever order they come; another account’s never does', async () => {
    const { announce, prove, clock } = setUp();
    await setUp().prove(clock.now);
    expect(await announce(japan, '[pwd]')).toMatchObject(stepUp);
    await prove(clock.now);
    await prove(clock.now - 60 * minute);
    expect((await announce(japan, '[pwd]')).status).toBe(201);
  });

  it('and nothing is enough while the account is locked', async () => {
    const { announce, weaken, prove, stand, clock, remove } = setUp();
    const { body } = await announce(japan);
    await prove(clock.now);
    await stand({ lockedAt: new Date(clock.now).toISOString() });
    const locked = { status: 403, body: { type: 'https://loginward.dev/problems/account-locked' } };
    expect(await announce({ ...japan, countries: ['VN'] })).toMatchObject(locked);
    expect(await weaken('[otp]')).toMatchObject(locked);
    // What strengthens protection is always let through.
    expect((await remove(body.id)).status).toBe(204);
    await stand({ state: 'active', unlockedAt: new Date(clock.now + 1).toISOString() });
    expect((await weaken('[pwd]')).status).toBe(200);
  });
});

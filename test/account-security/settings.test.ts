import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getSettings, putSettings, type Services } from '../../lambdas/account-security/routes.ts';
import { settingsStore } from '../../lambdas/account-security/settings-store.ts';
import { defaultResponses, type SecuritySettings } from '../../lambdas/contracts/settings.ts';
import { erasureOf } from '../../lambdas/runtime/erasure.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { memoryBus } from '../support/records.ts';
import { client } from '../support/requests.ts';
import { defaults, playerServices } from '../support/services.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

let accounts = 0;

function setUp(bus = memoryBus()) {
  accounts += 1;
  const sub = `player-${accounts}`;
  const clock = { now: Date.parse('2026-11-21T00:00:00Z') };
  const services: Services = playerServices(database.tables, bus, () => new Date((clock.now += 1000)));
  const settings = settingsStore(database.tables, 'security-settings', defaults, randomUUID);
  const { call } = client({ 'GET /v1/me/security-settings': getSettings, 'PUT /v1/me/security-settings': putSettings }, services);
  return {
    bus,
    clock,
    settings,
    sub,
    get: () => call({ route: 'GET /v1/me/security-settings', claims: { sub } }),
    put: (body: object, amr = '[pwd]', headers: Record<string, string> = {}) =>
      call({ route: 'PUT /v1/me/security-settings', body, headers, claims: { sub, amr } }),
  };
}

const withResponses = (login_abroad: SecuritySettings['responses']['login_abroad']) => ({ ...defaults, responses: { ...defaultResponses, login_abroad } });

describe('security settings', () => {
  it("are the deployment's until the player chooses", async () => {
    const { get } = setUp();
    const { status, body, headers } = await get();
    expect([status, body, headers['etag']]).toEqual([200, defaults, '"0"']);
  });

  it('are replaced whole, as the next version, and told to the other services', async () => {
    const { get, put, bus, sub } = setUp();
    const stricter = withResponses(['email', 'lock']);
    expect((await put(stricter)).headers['etag']).toBe('"1"');
    expect((await get()).body).toEqual(stricter);
    expect(bus.published).toMatchObject([
      { type: 'loginward.settings.changed.v1', subject: sub, data: { version: 1, ...stricter, previous: defaults } },
    ]);
  });

  it('stay as they are when the same are sent again', async () => {
    const { put, bus } = setUp();
    await put(withResponses(['sms']));
    expect((await put(withResponses(['sms']))).headers['etag']).toBe('"1"');
    expect(bus.published).toHaveLength(1);
  });

  it('are refused with 412 when If-Match names another version', async () => {
    const { put } = setUp();
    expect((await put(withResponses(['sms']), '[pwd]', { 'if-match': '"0"' })).status).toBe(200);
    expect((await put(withResponses(['email', 'sms']), '[pwd]', { 'if-match': '"0"' })).status).toBe(412);
    expect((await put(withResponses(['email', 'sms']), '[pwd]', { 'if-match': '"7", "1"' })).status).toBe(200);
    expect((await put(withResponses(['email', 'sms']), '[pwd]', { 'if-match': '"1"' })).status).toBe(412);
  });

  it('may change 30 times an hour', async () => {
    const { put, clock } = setUp();
    const change = (index: number) => put(withResponses(index % 2 ? ['sms'] : ['email', 'sms']));
    for (let index = 1; index <= 30; index += 1) expect((await change(index)).status).toBe(200);
    const { status, headers, body } = await change(31);
    expect([status, body.type]).toEqual([429, 'https://loginward.dev/problems/too-many-requests']);
    clock.now += Number(headers['retry-after']) * 1000;
    expect((await change(31)).status).toBe(200);
  });

  it('in force at a moment are those of the newest version until then', async () => {
    const { put, settings, sub } = setUp();
    await put(withResponses(['sms']));
    await put(withResponses(['sms', 'lock']));
    const versions = await Promise.all(
      ['2026-11-20T00:00:00Z', '2026-11-21T00:00:01Z', '2027-01-01T00:00:00+09:00'].map((at) => settings.inForceAt(sub, at)),
    );
    expect(versions.map(({ version }) => version)).toEqual([0, 1, 2]);
  });

  it('that the bus did not confirm are told with the next request, so that the change is not lost', async () => {
    let down = true;
    const { put, get, bus } = setUp(memoryBus(() => down));
    expect((await put(withResponses(['sms']), '[pwd]', { 'if-match': '"0"' })).status).toBe(503);
    expect((await put(withResponses(['sms']), '[pwd]', { 'if-match': '"0"' })).status).toBe(503);
    expect(await get()).toMatchObject({ status: 200, body: withResponses(['sms']) });
    down = false;
    expect((await get()).body).toEqual(withResponses(['sms']));
    expect(bus.published.map(({ data }) => (data as { version: number }).version)).toEqual([1]);
    await get();
    expect(bus.published).toHaveLength(1);
  });

  it('that the bus did not confirm are told before the next change hides them', async () => {
    let down = true;
    const { put, bus } = setUp(memoryBus(() => down));
    expect((await put({ ...defaults, homeCountries: ['KR', 'JP'] }, '[otp]')).status).toBe(503);
    expect((await put(withResponses(['sms']), '[otp]')).status).toBe(503);
    down = false;
    expect((await put(withResponses(['sms']), '[otp]')).status).toBe(200);
    expect(bus.published.map(({ data }) => (data as { version: number }).version)).toEqual([1, 2]);
  });

  it.each([
    ['no home country', { homeCountries: [] }, '#/homeCountries'],
    ['a country that does not exist', { homeCountries: ['ZZ'] }, '#/homeCountries/0'],
    ['a country in small letters', { homeCountries: ['kr'] }, '#/homeCountries/0'],
    ['a country twice', { homeCountries: ['KR', 'KR'] }, '#/homeCountries'],
    ['none beside another', { responses: { ...defaultResponses, unlocated: ['none', 'email'] } }, '#/responses/unlocated'],
    ['no response', { responses: { ...defaultResponses, unlocated: [] } }, '#/responses/unlocated'],
    ['block_abroad under another trigger', { responses: { ...defaultResponses, new_country: ['block_abroad'] } }, '#/responses/new_country'],
    ['an unknown response', { responses: { ...defaultResponses, new_country: ['shout'] } }, '#/responses/new_country/0'],
    ['a missing trigger', { responses: { login_abroad: ['email'], new_country: ['email'] } }, '#/responses/unlocated'],
    ['an unknown trigger', { responses: { ...defaultResponses, moon: ['email'] } }, '#/responses/moon'],
  ])('with %s are refused with a pointer', async (_, change, pointer) => {
    const { put } = setUp();
    const { status, body } = await put({ ...defaults, ...change });
    expect([status, body.errors.map((error: { pointer: string }) => error.pointer)]).toEqual([400, [pointer]]);
  });
});

describe('of an account that was erased', () => {
  const erased = async () => {
    const made = setUp();
    const at = () => new Date(made.clock.now);
    await erasureOf(database.tables, [{ table: 'account-facts' }, { table: 'security-settings', sortKey: 'version' }], at).erase(made.sub, at().toISOString());
    return made;
  };

  it('nothing is kept, whoever still has a token', async () => {
    const { put, get, bus, settings, sub } = await erased();
    expect((await put(withResponses(['sms']))).status).toBe(404);
    expect(await settings.newest(sub)).toBeUndefined();
    expect([(await get()).body, bus.published]).toEqual([defaults, []]);
  });

  it.each(['sms', 'lock'] as const)('what an attempt left that died before it was dropped is never told, when %s is chosen again', async (again) => {
    const { put, get, bus, settings, sub, clock } = await erased();
    const left = { ...withResponses(['sms']), trips: [], version: 1, since: new Date(clock.now).toISOString(), announced: false, previous: { ...defaults, trips: [] } };
    expect(await settings.add(sub, left)).toBe(true);
    expect((await put(withResponses([again]), '[otp]')).status).toBe(404);
    expect(await settings.newest(sub)).toBeUndefined();
    expect(await settings.add(sub, left)).toBe(true);
    expect((await get()).body).toEqual(defaults);
    expect([await settings.newest(sub), bus.published]).toEqual([undefined, []]);
  });
});

describe('what weakens protection', () => {
  it.each([
    ['a new home country', { ...defaults, homeCountries: ['KR', 'VN'] }, '#/homeCountries'],
    ['no response where there was one', withResponses(['none']), '#/responses/login_abroad'],
    ['a milder response', withResponses(['player_message']), '#/responses/login_abroad'],
  ])('such as %s needs proof beyond the password', async (_, weaker, pointer) => {
    const { put, bus } = setUp();
    const refused = await put(weaker);
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ type: expect.stringMatching(/\/step-up-required$/), errors: [{ pointer }] });
    expect(bus.published).toEqual([]);
    expect((await put(weaker, '[pwd otp]')).status).toBe(200);
  });

  it('is not another channel, nor a stricter choice, nor one home country less', async () => {
    const { put } = setUp();
    expect((await put(withResponses(['sms']))).status).toBe(200);
    expect((await put(withResponses(['email', 'kick', 'lock']))).status).toBe(200);
    expect((await put(withResponses(['email', 'block_abroad', 'lock']))).status).toBe(200);
    expect((await put(withResponses(['email', 'kick', 'lock']))).status).toBe(403);
  });

  it('needs a token that names an account', async () => {
    const { call } = client({ 'GET /v1/me/security-settings': getSettings }, { accountClaim: 'sub' } as Services);
    expect((await call({ route: 'GET /v1/me/security-settings', claims: { sub: 'no such/account' } })).status).toBe(403);
  });
});

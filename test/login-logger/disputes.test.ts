import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../lambdas/account-security/handler.ts';
import type { Event } from '../../lambdas/contracts/events.ts';
import type { LocatedLogin } from '../../lambdas/contracts/verdict.ts';
import { confirmLogin, disputeByLink, disputeLogin, type Services, showNotMe } from '../../lambdas/login-logger/disputes.ts';
import { recordLogin } from '../../lambdas/login-logger/handler.ts';
import { historyReader } from '../../lambdas/login-logger/reader.ts';
import { linkDays, notMeToken } from '../../lambdas/runtime/not-me-link.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf, locatedLogin } from '../support/logins.ts';
import { memoryBus } from '../support/records.ts';
import { client } from '../support/requests.ts';
import { judgeServices, loggerServices } from '../support/services.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

let accounts = 0;
const secret = 'a secret of links';
const start = Date.parse('2026-11-20T00:00:00Z');

function setUp(bus = memoryBus()) {
  const sub = `disputing-${(accounts += 1)}`;
  const clock = { now: start + 3_600_000 };
  const now = () => new Date(clock.now);
  const logger = loggerServices(database.tables, now);
  const services: Services = { ...logger, publisher: bus, accountClaim: 'sub', linkSecret: () => Promise.resolve(secret), now };
  const { call } = client(
    {
      'POST /v1/me/logins/{loginId}/dispute': disputeLogin,
      'POST /v1/me/logins/{loginId}/confirm': confirmLogin,
      'GET /v1/not-me': showNotMe,
      'POST /v1/not-me': disputeByLink,
    },
    services,
  );
  const login = (minute: number, more: Partial<LocatedLogin> = {}) => locatedLogin(sub, `${minute}`, new Date(start + minute * 60_000), more);
  return {
    sub,
    bus,
    clock,
    login,
    record: (each: LocatedLogin) => recordLogin(eventOf('login.located', sub, each), logger),
    answer: (what: 'dispute' | 'confirm', loginId: string, body?: object) =>
      call({ route: `POST /v1/me/logins/{loginId}/${what}`, path: { loginId }, claims: { sub }, body }),
    link: (method: 'GET' | 'POST', token: string, headers: Record<string, string> = {}) => call({ route: `${method} /v1/not-me`, query: { token }, headers }),
    token: (loginId: string, account = sub) => notMeToken(secret, { accountId: account, loginId }, now()),
    item: async (loginId: string) => (await historyReader(database.tables, 'login-history', now).page(sub, 100)).items.find(({ id }) => id === loginId),
    /** Judges what was passed on. */
    judged: async () => {
      const drafts = await Promise.all(bus.published.map((event) => judge(event as Event<'login.recorded'>, judgeServices(database.tables))));
      return drafts.flat();
    },
  };
}

describe('"not me"', () => {
  it('locks, by the trigger disputed, at the moment in which it was said', async () => {
    const { login, record, answer, judged, item, clock } = setUp();
    const abroad = login(0);
    await record(abroad);
    expect((await answer('dispute', abroad.loginId)).status).toBe(202);
    const at = new Date(clock.now).toISOString();
    expect(await item(abroad.loginId)).toMatchObject({ disputedAt: at });
    const [decided, ...asked] = await judged();
    expect(decided?.data).toMatchObject({ triggers: ['login_abroad', 'disputed'], responses: ['email', 'lock'] });
    expect(asked.map(({ data }) => data)).toContainEqual(expect.objectContaining({ response: 'lock', occurredAt: at }));
  });

  it('on a login from home gives it a verdict, which only locks; so does a failed one', async () => {
    for (const more of [{ country: 'KR' }, { outcome: 'failure' as const }]) {
      const { login, record, answer, judged } = setUp();
      const each = login(0, more);
      expect(await record(each)).toEqual([]);
      await answer('dispute', each.loginId);
      expect((await judged()).map(({ data }) => data)).toMatchObject([{ triggers: ['disputed'], responses: ['lock'] }, { response: 'lock' }]);
    }
  });

  it('takes back that the login vouched for its country: the next one from there is judged anew', async () => {
    const { login, record, answer, judged } = setUp();
    const [home, thief, second] = [login(0, { country: 'KR' }), login(1), login(2)];
    await record(home);
    await record(thief);
    expect((await record(second))[0]?.data.history.earlierFromCountry?.loginId).toBe(thief.loginId);
    await answer('dispute', thief.loginId);
    const decided = (await judged()).filter(({ name }) => name === 'verdict.decided').map(({ data }) => data);
    expect(decided).toContainEqual(expect.objectContaining({ loginId: second.loginId, triggers: ['login_abroad', 'new_country'] }));
    // And so for one that comes later.
    const [third] = await record(login(3, { country: 'US' }));
    expect(third?.data.history.earlierFromCountry?.loginId).toBe(second.loginId);
  });

  it('of several from one country has the first undisputed one after them judged anew, in whatever order they are disputed', async () => {
    const triggers = [];
    for (const order of [[1, 2], [2, 1]]) {
      const { login, record, answer, judged } = setUp();
      const logins = [login(0, { country: 'KR' }), login(1, { country: 'JP' }), login(2, { country: 'JP' }), login(3, { country: 'JP' })];
      for (const each of logins) await record(each);
      for (const index of order) await answer('dispute', logins[index]?.loginId ?? '');
      const decided = (await judged()).filter((draft) => draft.name === 'verdict.decided').map(({ data }) => data);
      triggers.push(decided.findLast(({ loginId }) => loginId === logins[3]?.loginId)?.triggers);
    }
    expect(triggers).toEqual([['login_abroad', 'new_country'], ['login_abroad', 'new_country']]);
  });

  it('said twice is said once, at the first moment', async () => {
    const { login, record, answer, item, clock } = setUp();
    const abroad = login(0);
    await record(abroad);
    await answer('dispute', abroad.loginId);
    const first = (await item(abroad.loginId))?.disputedAt;
    clock.now += 60_000;
    expect((await answer('dispute', abroad.loginId)).body.disputedAt).toBe(first);
    expect((await item(abroad.loginId))?.disputedAt).toBe(first);
  });

  it('of a login that the history does not have is 404, another’s too, and passes nothing on', async () => {
    const { login, answer, bus } = setUp();
    const other = setUp();
    const theirs = other.login(0);
    await other.record(theirs);
    for (const loginId of [login(7).loginId, theirs.loginId, 'nonsense']) {
      expect((await answer('dispute', loginId)).status).toBe(404);
      expect((await answer('confirm', loginId)).status).toBe(404);
    }
    expect((await answer('dispute', theirs.loginId, { reason: 'x' })).status).toBe(400);
    expect(bus.published).toEqual([]);
    expect(await other.item(theirs.loginId)).not.toHaveProperty('disputedAt');
  });

  it('is not lost when the bus is down', async () => {
    let down = true;
    const { login, record, answer, bus } = setUp(memoryBus(() => down));
    const abroad = login(0);
    await record(abroad);
    expect((await answer('dispute', abroad.loginId)).status).toBe(503);
    down = false;
    expect((await answer('dispute', abroad.loginId)).status).toBe(202);
    expect(bus.published).toHaveLength(1);
  });
});

describe('"this was me"', () => {
  it('is shown, and changes nothing else; it does not take back a dispute', async () => {
    const { login, record, answer, item, bus } = setUp();
    const [mine, thief] = [login(0), login(1)];
    await record(mine);
    await record(thief);
    expect((await answer('confirm', mine.loginId)).status).toBe(200);
    expect(await item(mine.loginId)).toHaveProperty('confirmedAt');
    expect(bus.published).toEqual([]);
    await answer('dispute', thief.loginId);
    expect((await answer('confirm', thief.loginId)).status).toBe(409);
    // Who confirmed in error may still say that it was somebody else.
    expect((await answer('dispute', mine.loginId)).status).toBe(202);
    expect(await item(mine.loginId)).not.toHaveProperty('confirmedAt');
  });
});

describe('the link of a notice', () => {
  it('shows a page in the language of the browser, and changes nothing by being opened', async () => {
    const { login, record, link, token, bus, item } = setUp();
    const abroad = login(0);
    await record(abroad);
    const page = await link('GET', token(abroad.loginId), { 'accept-language': 'en-GB,en;q=0.9' });
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.text).toContain('lock my account');
    expect((await link('GET', token(abroad.loginId))).text).toContain('잠그세요');
    expect(bus.published).toEqual([]);
    expect(await item(abroad.loginId)).not.toHaveProperty('disputedAt');
  });

  it('disputes its login, once', async () => {
    const { login, record, link, token, bus, item } = setUp();
    const abroad = login(0);
    await record(abroad);
    expect((await link('POST', token(abroad.loginId))).status).toBe(200);
    expect(await item(abroad.loginId)).toHaveProperty('disputedAt');
    expect((await link('POST', token(abroad.loginId))).status).toBe(409);
    // Passed on again it says the same: nothing can be locked twice by it.
    expect(new Set(bus.published.map(({ id }) => id)).size).toBe(1);
  });

  it('says so on the page when it did not work just now, and works the next time', async () => {
    let down = true;
    const { login, record, link, token, bus } = setUp(memoryBus(() => down));
    const abroad = login(0);
    await record(abroad);
    const failed = await link('POST', token(abroad.loginId));
    expect([failed.status, failed.headers['content-type']]).toEqual([503, 'text/html; charset=utf-8']);
    expect(failed.text).toContain('<form');
    down = false;
    expect((await link('POST', token(abroad.loginId))).status).toBe(200);
    expect(bus.published).toHaveLength(1);
  });

  it('altered, of another secret, or older than its days: refused', async () => {
    const { login, record, link, token, bus, clock, sub } = setUp();
    const abroad = login(0);
    await record(abroad);
    const good = token(abroad.loginId);
    const [payload = '', mac = ''] = good.split('.');
    const forged = Buffer.from(Buffer.from(payload, 'base64url').toString().replace(sub, 'another')).toString('base64url');
    const bad = [`${forged}.${mac}`, payload, `${payload}.`, `${payload}.${mac.slice(1)}`, '.', 'x', notMeToken('another secret', { accountId: sub, loginId: abroad.loginId }, new Date(clock.now))];
    for (const each of bad) for (const method of ['GET', 'POST'] as const) expect((await link(method, each)).status, each).toBe(400);
    clock.now += linkDays * 86_400_000;
    expect((await link('POST', good)).status).toBe(400);
    expect(bus.published).toEqual([]);
  });
});

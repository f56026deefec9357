import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import type { LocatedLogin } from '../../lambdas/contracts/verdict.ts';
import { ownRows } from '../../lambdas/login-logger/flood.ts';
import { keepHomeCountries, keepOutcome, keepVerdict, recordLogin } from '../../lambdas/login-logger/handler.ts';
import { historyReader } from '../../lambdas/login-logger/reader.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf, locatedLogin } from '../support/logins.ts';
import { loggerServices } from '../support/services.ts';

const now = new Date('2026-11-21T00:00:00Z');
const days = 86_400_000;
let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

let accounts = 0;
const newAccount = () => `account-${(accounts += 1)}`;
const services = () => loggerServices(database.tables, () => now);
const record = (account: string, login: LocatedLogin) => recordLogin(eventOf('login.located', account, login), services());
const page = (account: string, at = now, limit = 100) => historyReader(database.tables, 'login-history', () => at).page(account, limit);

describe('the history', () => {
  it('shows 90 days to the moment, whenever old rows are deleted', async () => {
    const account = newAccount();
    const occurredAt = new Date(now.getTime() - 89 * days);
    await record(account, locatedLogin(account, 'old', occurredAt));
    expect((await page(account)).items).toHaveLength(1);
    expect((await page(account, new Date(occurredAt.getTime() + 90 * days))).items).toHaveLength(1);
    expect((await page(account, new Date(occurredAt.getTime() + 90 * days + 1))).items).toEqual([]);
  });

  it('keeps the first body of a login', async () => {
    const account = newAccount();
    await record(account, locatedLogin(account, '1', now, { ip: '8.8.8.8', country: 'US' }));
    await record(account, locatedLogin(account, '1', now, { ip: '1.201.1.1', country: 'KR' }));
    expect((await page(account)).items).toMatchObject([{ ip: '8.8.8.8', country: 'US' }]);
  });

  it('judges the body that stands, when the process died between the write and the event', async () => {
    const account = newAccount();
    const login = locatedLogin(account, '1', now, { country: 'US' });
    const [first] = await record(account, login);
    const [again] = await record(account, { ...login, country: 'KR' });
    expect(again).toEqual(first);
  });

  it('passes on a login that came quicker than the change that makes it notable', async () => {
    const account = newAccount();
    const since = new Date(now.getTime() - days);
    const early = locatedLogin(account, '0', new Date(since.getTime() - 1), { country: 'VN' });
    const late = locatedLogin(account, '1', new Date(since.getTime() + 1), { country: 'VN' });
    const change = (version: number, homeCountries: string[], previous: string[], moment: Date) =>
      keepHomeCountries(
        eventOf('settings.changed', account, {
          version,
          since: moment.toISOString(),
          homeCountries,
          responses: defaultResponses,
          trips: [],
          previous: { homeCountries: previous, responses: defaultResponses, trips: [] },
        }),
        services(),
      );
    expect(await change(1, ['KR', 'VN'], ['KR'], new Date(now.getTime() - 9 * days))).toEqual([]);
    expect([await record(account, early), await record(account, late)]).toEqual([[], []]);
    expect(await change(2, ['KR'], ['KR', 'VN'], since)).toMatchObject([
      { name: 'login.recorded', data: { login: { loginId: late.loginId }, history: { previousLogin: { loginId: early.loginId } } } },
    ]);
    expect(await record(account, late)).toHaveLength(1);
  });

  it('forgets home countries that no login of the last 90 days can refer to', async () => {
    const account = newAccount();
    const moments = [300, 200, 95, 91.5, 10];
    for (const [index, daysAgo] of moments.entries()) {
      await services().history.keepHomeCountries(account, { version: index + 1, since: new Date(now.getTime() - daysAgo * days).toISOString(), countries: ['KR'] });
    }
    const { homeVersions } = await services().history.account(account);
    expect(homeVersions.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([4, 5]);
  });

  it('shows the verdict of the highest revision, and the outcome of an action that stands', async () => {
    const account = newAccount();
    const login = locatedLogin(account, '1', now);
    await record(account, login);
    const verdict = (revision: number, triggers: ('login_abroad' | 'new_country')[]) =>
      keepVerdict(
        eventOf('verdict.decided', account, {
          loginId: login.loginId,
          triggers,
          responses: ['email'],
          actions: [{ actionId: 'action', response: 'email' }],
          digest: 'd',
          revision,
        }),
        services(),
      );
    await verdict(2, ['login_abroad', 'new_country']);
    await verdict(1, ['login_abroad']);
    for (const outcome of ['no_contact', 'done', 'failed', 'no_contact'] as const) {
      await keepOutcome(eventOf('action.completed', account, { actionId: 'action', outcome }, now), services());
    }
    expect((await page(account)).items[0]?.verdict).toEqual({
      triggers: ['login_abroad', 'new_country'],
      responses: ['email'],
      actions: [{ response: 'email', outcome: 'done' }],
    });
  });
});

describe('a flood of failures', () => {
  const failure = (account: string, id: number, second: number) =>
    locatedLogin(account, `try-${id}`, new Date(now.getTime() - days + second * 1000), { outcome: 'failure' });

  it('has 20 rows a minute of its own, and the rest counted in one, however they arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 25 }),
        fc.infiniteStream(fc.nat()),
        async (count, atOnce, choices) => {
          const account = newAccount();
          const failures = Array.from({ length: count }, (_, index) => failure(account, index, index % 60));
          const open = [...failures, ...failures.filter((_, index) => index % 4 === 0)];
          while (open.length > 0) {
            const batch = Array.from({ length: Math.min(atOnce, open.length) }, () => {
              const [login] = open.splice((choices.next().value as number) % open.length, 1);
              return login as LocatedLogin;
            });
            // The records of one batch share one store, as in one function.
            const one = services();
            await Promise.all(batch.map((login) => recordLogin(eventOf('login.located', account, login), one)));
          }
          const { items } = await page(account);
          const counted = items.flatMap((item) => item.count ?? []);
          expect(items.length - counted.length).toBe(Math.min(count, ownRows));
          expect(counted).toEqual(count > ownRows ? [count - ownRows] : []);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is counted minute by minute, and leaves successes alone', async () => {
    const account = newAccount();
    for (const second of [0, 60]) {
      await Promise.all(Array.from({ length: 25 }, (_, index) => record(account, failure(account, second * 100 + index, second + index))));
    }
    await record(account, { ...failure(account, 9999, 30), outcome: 'success' });
    const { items } = await page(account);
    expect(items.flatMap(({ count }) => count ?? [])).toEqual([5, 5]);
    expect(items.filter(({ outcome }) => outcome === 'success')).toHaveLength(1);
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../lambdas/account-security/handler.ts';
import type { LocatedLogin } from '../../lambdas/contracts/verdict.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { judgedChain } from '../support/judged-chain.ts';
import { eventOf, locatedLogin } from '../support/logins.ts';
import { judgeServices } from '../support/services.ts';

const now = new Date('2026-11-21T00:00:00Z');
const home = ['KR'];
let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

/** Logins of one account over the last 89 days, in order; several in one moment, some far apart. */
const sequence = fc
  .array(
    fc.record({
      minutesAgo: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 89 * 24 * 60 })),
      country: fc.constantFrom('KR', 'KR', 'JP', 'US', 'VN', null),
      outcome: fc.constantFrom('success' as const, 'success' as const, 'success' as const, 'failure' as const, 'denied' as const),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((rows) => rows.toSorted((a, b) => b.minutesAgo - a.minutesAgo));

let accounts = 0;
const newAccount = (): string => `player-${(accounts += 1)}`;
const toLogins = (account: string, rows: { minutesAgo: number; country: string | null; outcome: 'success' | 'failure' | 'denied' }[]) =>
  rows
    .map(({ minutesAgo, country, outcome }, index) =>
      locatedLogin(account, `${index}`, new Date(now.getTime() - minutesAgo * 60_000), { country, outcome, ip: `8.8.8.${index + 1}` }),
    )
    .toSorted((a, b) => (a.loginId < b.loginId ? -1 : 1));

/** The rules of judgement, stated anew over the whole sequence at once. */
function expected(logins: readonly LocatedLogin[], login: LocatedLogin) {
  const earlier = logins.filter((each) => each.outcome === 'success' && each.country !== null && each.loginId < login.loginId);
  const abroad = login.country !== null && !home.includes(login.country);
  const since = Date.parse(login.occurredAt) - 90 * 86_400_000;
  const known = earlier.some(({ country, occurredAt }) => country === login.country && Date.parse(occurredAt) >= since);
  if (login.outcome !== 'success' || (login.country !== null && !abroad)) return undefined;
  return {
    triggers: [
      ...(abroad ? ['login_abroad'] : []),
      ...(abroad && !known && earlier.length > 0 ? ['new_country'] : []),
      ...(login.country === null ? ['unlocated'] : []),
    ],
    previousLogin: earlier.at(-1)?.loginId,
  };
}

describe('order does not matter', () => {
  it('gives the history and receipts that the rules say, in whatever order and however often logins arrive', async () => {
    const chain = judgedChain(database.tables, home, () => now);
    await fc.assert(
      fc.asyncProperty(sequence, fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 5 }), async (rows, choices, parallel) => {
        const account = newAccount();
        const logins = toLogins(account, rows);
        const twice = logins.filter((_, index) => index % 3 === 0);
        await chain.run(account, [...logins, ...twice], (open) => (choices.next().value as number) % open, parallel);
        const history = await chain.history(account);
        expect(history.map(({ id, ip }) => ({ id, ip }))).toEqual(
          logins.toReversed().map(({ loginId, ip }) => ({ id: loginId, ip })),
        );
        for (const login of logins) {
          const want = expected(logins, login);
          const receipt = await chain.receipt(account, login.loginId);
          expect(receipt && { triggers: receipt.triggers, previousLogin: receipt.previousLogin?.loginId }).toEqual(want);
          const shown = history.find(({ id }) => id === login.loginId)?.verdict;
          expect(shown?.triggers).toEqual(want?.triggers);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('gives receipts that are equal to the letter', async () => {
    const chain = judgedChain(database.tables, home, () => now);
    await fc.assert(
      fc.asyncProperty(sequence, fc.infiniteStream(fc.nat()), async (rows, choices) => {
        const account = newAccount();
        const logins = toLogins(account, rows);
        await chain.run(account, logins, () => 0);
        const inOrder = await Promise.all(logins.map(({ loginId }) => chain.receipt(account, loginId)));
        const other = judgedChain(database.tables, home, () => now);
        const again = newAccount();
        await other.run(again, logins, (open) => (choices.next().value as number) % open, 3);
        expect(await Promise.all(logins.map(({ loginId }) => other.receipt(again, loginId)))).toEqual(inOrder);
      }),
      { numRuns: 10 },
    );
  });
});

describe('a dispute', () => {
  it('that is known before the login that it is of still counts when that one is seen', async () => {
    const services = judgeServices(database.tables);
    const account = newAccount();
    const moment = (minute: number) => new Date(now.getTime() - 3_600_000 + minute * 60_000);
    const [first, second] = [locatedLogin(account, '1', moment(1), { country: 'JP' }), locatedLogin(account, '2', moment(2), { country: 'JP' })];
    const previousLogin = { loginId: locatedLogin(account, '0', moment(0)).loginId, ip: '8.8.8.8', country: 'US', occurredAt: moment(0).toISOString() };
    const earlierFromCountry = { loginId: first.loginId, ip: first.ip, country: 'JP', occurredAt: first.occurredAt };
    for (const history of [{ previousLogin }, { previousLogin, disputed: [first.loginId] }, { previousLogin, earlierFromCountry }]) {
      await judge(eventOf('login.recorded', account, { login: second, history }), services);
    }
    expect((await services.verdicts.find(account, second.loginId))?.receipt.triggers).toEqual(['login_abroad', 'new_country']);
  });
});

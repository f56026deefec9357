import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../lambdas/account-security/handler.ts';
import type { EventData } from '../../lambdas/contracts/events.ts';
import type { LocatedLogin } from '../../lambdas/contracts/verdict.ts';
import type { Draft } from '../../lambdas/runtime/drafts.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf, locatedLogin } from '../support/logins.ts';
import { judgeServices } from '../support/services.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

const hour = 3_600_000;
const noon = new Date('2026-11-21T12:00:00Z');

function judged(account: string, logins: readonly LocatedLogin[]): Promise<Draft[][]> {
  const services = judgeServices(database.tables);
  return Promise.all(logins.map((login) => judge(eventOf('login.recorded', account, { login, history: {} }), services)));
}

const requested = (drafts: Draft[][]): EventData<'action.requested'>[] =>
  drafts.flat().flatMap((draft) => (draft.name === 'action.requested' ? [draft.data] : []));

const logins = (account: string, count: number, from: Date, country: string | null = 'US') =>
  Array.from({ length: count }, (_, index) => locatedLogin(account, `${from.getTime()}-${index}`, new Date(from.getTime() + index), { country }));

describe('notices', () => {
  it('a thousand logins make one', async () => {
    const drafts: Draft[][] = [];
    const all = logins('thousand', 1000, noon);
    for (let start = 0; start < all.length; start += 50) drafts.push(...(await judged('thousand', all.slice(start, start + 50))));
    expect(requested(drafts)).toHaveLength(1);
    expect(drafts.flat().filter(({ name }) => name === 'verdict.decided')).toHaveLength(1000);
  });

  it('the next one tells how many there were', async () => {
    const first = requested(await judged('told', logins('told', 8, noon)));
    expect(first[0]?.text.en).not.toMatch(/more login/);
    const [next] = requested(await judged('told', logins('told', 1, new Date(noon.getTime() + hour))));
    expect(next?.text.en).toContain('there were 7 more logins');
    expect(next?.text.ko).toContain('7번 더');
  });

  it('are apart for each country and hour', async () => {
    await judged('apart', logins('apart', 3, noon));
    expect(requested(await judged('apart', logins('apart', 3, noon, 'JP')))).toHaveLength(1);
    expect(requested(await judged('apart', logins('apart', 3, new Date(noon.getTime() + hour))))).toHaveLength(1);
    expect(requested(await judged('apart', logins('apart', 3, new Date(noon.getTime() + 1000))))).toHaveLength(0);
  });

  it('asked for again after a crash, it is the same action', async () => {
    const one = logins('crashed', 1, noon);
    const [first] = requested(await judged('crashed', one));
    const [again] = requested(await judged('crashed', one));
    expect(again).toEqual(first);
  });
});

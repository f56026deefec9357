import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultStaleAfterSeconds } from '../../lambdas/contracts/actions.ts';
import type { Event } from '../../lambdas/contracts/events.ts';
import { campaignStage, changeOf, day, loginOf, newAccount, newCampaign, start } from '../support/campaigns.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

type AnyEvent = Event<'login.submitted'> | Event<'password.changed'>;

describe('a crash after any single write', () => {
  const stories: [string, (account: string) => AnyEvent[], object][] = [
    ['of a login', (account) => [loginOf(account, 'a', start + day)], { reached: 1, prompted: 1, changed: 0 }],
    ['of a login and the change after it', (account) => [loginOf(account, 'a', start + day), changeOf(account, start + 2 * day)], { reached: 1, prompted: 1, changed: 1 }],
    ['of a change and the login before it', (account) => [changeOf(account, start + day), loginOf(account, 'a', start)], { reached: 1, prompted: 0, changed: 1 }],
    ['of two logins, the first too late to ask', (account) => [loginOf(account, 'a', start), loginOf(account, 'b', start + day)], { reached: 1, prompted: 1, changed: 0 }],
  ];

  /** Tells a story with crashes at some writes, counted from the one before. @returns whether it came to all of them */
  async function tell(eventsOf: (account: string) => AnyEvent[], crashes: readonly number[], counts: object): Promise<boolean> {
    const campaign = newCampaign();
    const stage = campaignStage(database.tables, [campaign]);
    stage.clock.now = start + day + 1000;
    const left = [...crashes];
    stage.trouble.writesUntilCrash = left.shift() ?? Number.POSITIVE_INFINITY;
    for (const event of eventsOf(newAccount())) {
      for (let done = false; !done; ) {
        try {
          await stage.deliver(event);
          done = true;
        } catch {
          if (stage.trouble.writesUntilCrash <= 0) stage.trouble.writesUntilCrash = left.shift() ?? Number.POSITIVE_INFINITY;
          stage.clock.now += 60_000;
        }
      }
    }
    expect(await stage.counts(campaign.id), `crashes ${crashes.join(', ')}`).toEqual(counts);
    expect(await stage.pending(campaign.id), `crashes ${crashes.join(', ')}`).toEqual([]);
    return left.length === 0 && stage.trouble.writesUntilCrash === Number.POSITIVE_INFINITY;
  }

  it.each(stories)('%s counts each account exactly once', async (_, eventsOf, counts) => {
    let crashes = 0;
    while (await tell(eventsOf, [crashes + 1], counts)) crashes += 1;
    expect(crashes).toBeGreaterThanOrEqual(5);
  });

  it.each(stories)('%s, and another while it is mended, too', async (_, eventsOf, counts) => {
    for (let first = 1; await tell(eventsOf, [first], counts); first += 1) {
      for (let second = 1; await tell(eventsOf, [first, second], counts); second += 1);
    }
  });

  it('asks for the same again', async () => {
    const stage = campaignStage(database.tables, [newCampaign()]);
    const login = loginOf(newAccount(), 'a', start + day);
    stage.trouble.writesUntilCrash = 3;
    await expect(stage.deliver(login)).rejects.toThrow('crashed');
    await expect(stage.deliver(login)).rejects.toMatchObject({ message: 'being counted', seconds: 30 });
    stage.clock.now += 30_001;
    const asked = await stage.deliver(login);
    expect(asked).toHaveLength(1);
    expect(await stage.deliver(login)).toEqual(asked);
  });
});

describe('order and repetition do not matter', () => {
  const date = Date.parse('2027-01-01T00:00:00+09:00');
  const end = Date.parse('2027-04-01T00:00:00Z');
  const sequence = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('login' as const), hours: fc.integer({ min: -48, max: 33 * 24 }), outcome: fc.constantFrom('success' as const, 'success' as const, 'failure' as const) }),
      fc.record({ kind: fc.constant('change' as const), hours: fc.oneof(fc.integer({ min: -100 * 24, max: -24 }), fc.integer({ min: 0, max: 40 * 24 })) }),
    ),
    { minLength: 1, maxLength: 8 },
  );

  /**
   * What is invariant. A login that occurred before the first change from the date on reaches the account in any order, and that change
   * counts. Whether its player is asked depends on what was known: as long as no change is known, yes. The one thing that order decides: a
   * login after a change that nobody had heard of yet counts as reached, because its player may have been asked, and the change counts too; in
   * order neither would.
   */
  it('ends with the same accounts reached, asked and changed as in order, whatever comes first and twice', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 4 }), async (rows, choices, parallel) => {
        const run = async (order: (events: AnyEvent[]) => AnyEvent[], atOnce: number) => {
          const campaign = newCampaign();
          const account = newAccount();
          const staleAfterSeconds = { ...defaultStaleAfterSeconds, player_message: 365 * 86_400 };
          const stage = campaignStage(database.tables, [campaign], { staleAfterSeconds });
          const events = rows.map((row, index) => {
            const at = start + row.hours * 3_600_000;
            return row.kind === 'login' ? loginOf(account, `${index}`, at, row.outcome) : changeOf(account, at);
          });
          const asked = new Set<string>();
          const left = order(events);
          const delivered = [...left];
          while (left.length > 0) {
            const outcomes = await Promise.all(left.splice(0, atOnce).map(stage.deliverUntilDone));
            for (const actionId of outcomes.flat()) asked.add(actionId);
          }
          expect(await stage.pending(campaign.id)).toEqual([]);
          return { ...(await stage.counts(campaign.id)), asked, delivered };
        };
        const at = ({ type, data }: AnyEvent): number => Date.parse(type === 'loginward.password.changed.v1' ? data.changedAt : data.occurredAt);
        const inOrder = await run((events) => events.toSorted((a, b) => at(a) - at(b) || (a.type < b.type ? 1 : -1)), 1);
        const shuffled = await run((events) => {
          const all = [...events, ...events.filter((_, index) => index % 2 === 0)];
          return events.concat(all.slice(events.length)).map(() => all.splice((choices.next().value as number) % all.length, 1)[0] as AnyEvent);
        }, parallel);

        const moments = (kind: 'login' | 'change') => rows.filter((row) => row.kind === kind && (row.kind === 'change' || row.outcome === 'success')).map(({ hours }) => start + hours * 3_600_000);
        const logins = moments('login').filter((moment) => moment >= start && moment < end);
        const firstChange = Math.min(...moments('change').filter((moment) => moment >= date));
        const isReached = logins.some((moment) => moment < firstChange);
        const isChanged = isReached && Number.isFinite(firstChange);
        expect(inOrder).toMatchObject({ reached: Number(isReached), prompted: Number(isReached), changed: Number(isChanged) });
        if (isReached || logins.length === 0) expect(shuffled).toMatchObject({ reached: Number(isReached), changed: Number(isChanged) });
        else expect(shuffled.changed).toBe(shuffled.reached);
        // One after the other it is known what each login found: it reaches the account unless a change before it was heard of.
        const found = shuffled.delivered.some((event, index) => {
          const heard = shuffled.delivered.slice(0, index).filter((each) => each.type === 'loginward.password.changed.v1' && at(each) >= date);
          return event.type === 'loginward.login.submitted.v1' && event.data.outcome === 'success' && logins.includes(at(event)) && !heard.some((change) => at(change) <= at(event));
        });
        if (parallel === 1) expect(shuffled.reached).toBe(Number(found));
        expect(shuffled.prompted).toBeLessThanOrEqual(shuffled.reached);
        expect(shuffled.reached).toBeLessThanOrEqual(1);
        if (!Number.isFinite(firstChange)) expect(shuffled.prompted).toBe(Number(isReached));
        expect(shuffled.prompted).toBe(Math.min(1, shuffled.asked.size));
        // From 28 February to 3 April there is room for three, 14 days apart.
        expect(shuffled.asked.size).toBeLessThanOrEqual(3);
      }),
      { numRuns: 50 },
    );
  });
});

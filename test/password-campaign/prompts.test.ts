import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askAfterUnlock, askOldPassword } from '../../lambdas/password-campaign/handler.ts';
import { campaignStage, changeOf, day, loginOf, newAccount, newCampaign, start } from '../support/campaigns.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf } from '../support/logins.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

/** A campaign and an account of its own. */
function setUp(more: Parameters<typeof newCampaign>[0] = {}) {
  const campaign = newCampaign(more);
  const stage = campaignStage(database.tables, [campaign]);
  const account = newAccount();
  const login = (id: string, at = start + day) => stage.deliver(loginOf(account, id, at));
  const change = (at: number) => stage.deliver(changeOf(account, at));
  return { ...stage, campaign, account, login, change, report: () => stage.counts(campaign.id) };
}

const date = Date.parse('2027-01-01T00:00:00+09:00');

describe('who logs in while a campaign runs', () => {
  it('with a password that was never changed is asked in the words of the campaign', async () => {
    const { account, services, campaign } = setUp();
    const login = loginOf(account, 'a', start + day - 3_600_000);
    const [draft, ...more] = await askOldPassword(login, services);
    expect(more).toEqual([]);
    expect(draft).toEqual({
      name: 'action.requested',
      sibling: draft?.data.actionId,
      data: {
        actionId: expect.stringMatching(/^[\w-]{22}$/),
        loginId: login.data.loginId,
        response: 'player_message',
        triggers: [],
        country: null,
        occurredAt: '2027-03-01T23:00:00.000Z',
        staleAfter: '2027-03-02T23:00:00.000Z',
        text: campaign.message,
      },
    });
  });

  it('with a password from before the date is asked, and from the date on is not', async () => {
    const old = setUp();
    await old.change(date - 1);
    expect(await old.login('a')).toHaveLength(1);
    const fresh = setUp();
    await fresh.change(date);
    expect(await fresh.login('a')).toEqual([]);
    expect(await fresh.report()).toEqual({ reached: 0, prompted: 0, changed: 0 });
  });

  it('is judged by the newest change, whatever order they came in', async () => {
    const { change, login } = setUp();
    await change(date + day);
    await change(date - day);
    expect(await login('a')).toEqual([]);
  });

  it('is judged also by a change that came before there was the campaign', async () => {
    const account = newAccount();
    await campaignStage(database.tables, []).deliver(changeOf(account, date + day));
    const campaign = newCampaign();
    const { deliver, counts } = campaignStage(database.tables, [campaign]);
    expect(await deliver(loginOf(account, 'a', start + day))).toEqual([]);
    expect(await counts(campaign.id)).toEqual({ reached: 0, prompted: 0, changed: 0 });
  });

  it.each(['failure', 'denied'] as const)('with the outcome %s is not asked', async (outcome) => {
    const { account, deliver, calls } = setUp();
    expect(await deliver(loginOf(account, 'a', start + day, outcome))).toEqual([]);
    expect(calls).toEqual([]);
  });

  it('too long ago is not asked, but reached; and asked at the next login', async () => {
    const { login, report, clock } = setUp();
    clock.now = start + 2 * day + 1;
    expect(await login('late', start + day)).toEqual([]);
    expect(await report()).toEqual({ reached: 1, prompted: 0, changed: 0 });
    expect(await login('next', start + 2 * day)).toHaveLength(1);
    expect(await report()).toEqual({ reached: 1, prompted: 1, changed: 0 });
  });

  it('is asked by each of two campaigns for itself', async () => {
    const both = [newCampaign(), newCampaign({ response: 'email' })];
    const { deliver, counts } = campaignStage(database.tables, both);
    expect(new Set(await deliver(loginOf(newAccount(), 'a', start + day))).size).toBe(2);
    for (const { id } of both) expect(await counts(id)).toEqual({ reached: 1, prompted: 1, changed: 0 });
  });
});

describe('a campaign', () => {
  it.each([
    ['before it begins', start - 1, 0],
    ['at its first moment', start, 1],
    ['at its last moment', Date.parse('2027-04-01T00:00:00Z') - 1, 1],
    ['when it is over', Date.parse('2027-04-01T00:00:00Z'), 0],
  ])('asks %s %#', async (_, at, asked) => {
    const { login, clock, calls } = setUp();
    clock.now = at;
    expect(await login('a', at)).toHaveLength(asked);
    if (asked === 0) expect(calls).toEqual([]);
  });

  it('that is none makes no call of DynamoDB for a login', async () => {
    const { deliver, calls } = campaignStage(database.tables, []);
    expect(await deliver(loginOf(newAccount(), 'a', start + day))).toEqual([]);
    expect(calls).toEqual([]);
  });

  it('asks a player at most once in the days that it says', async () => {
    const { login, clock, report } = setUp();
    const asked: number[] = [];
    for (let hours = 0; hours < 30 * 24; hours += 12) {
      clock.now = start + hours * 3_600_000;
      if ((await login(`at ${hours}`, clock.now)).length > 0) asked.push(hours / 24);
    }
    expect(asked).toEqual([0, 14, 28]);
    expect(await report()).toEqual({ reached: 1, prompted: 1, changed: 0 });
  });

  it('asks once when 100 logins come at the same time', async () => {
    const { deliverUntilDone, account, report } = setUp();
    const asked = await Promise.all(Array.from({ length: 100 }, (_, index) => deliverUntilDone(loginOf(account, `${index}`, start + day - index))));
    expect(asked.flat()).toHaveLength(1);
    expect(await report()).toEqual({ reached: 1, prompted: 1, changed: 0 });
  });

  it('asks again for the same login under the same actionId, also when it comes many times at once', async () => {
    const { deliverUntilDone, account, report, pending, campaign } = setUp();
    const login = loginOf(account, 'a', start + day);
    const asked = await Promise.all(Array.from({ length: 20 }, () => deliverUntilDone(login)));
    expect(asked.every(({ length }) => length === 1)).toBe(true);
    expect(new Set(asked.flat()).size).toBe(1);
    expect(await report()).toEqual({ reached: 1, prompted: 1, changed: 0 });
    expect(await pending(campaign.id)).toEqual([]);
  });

  it('ends for an account whose password changes', async () => {
    const { login, change, report, clock } = setUp();
    await login('a');
    await change(start + 2 * day);
    clock.now = start + 20 * day;
    expect(await login('b', clock.now)).toEqual([]);
    expect(await report()).toEqual({ reached: 1, prompted: 1, changed: 1 });
  });

  it('does not end by a change before its date', async () => {
    const { login, change, report, clock } = setUp();
    await login('a');
    await change(date - 1);
    clock.now = start + 20 * day;
    expect(await login('b', clock.now)).toHaveLength(1);
    expect(await report()).toEqual({ reached: 1, prompted: 1, changed: 0 });
  });

  it('ends also when the change came quicker than the login before it, whose player is not asked any more', async () => {
    const { login, change, report } = setUp();
    await change(start + day);
    expect(await login('a', start + day - 1)).toEqual([]);
    expect(await report()).toEqual({ reached: 1, prompted: 0, changed: 1 });
  });

  it('asks again for a login that comes again after the change, under the same actionId: nobody knows whether it was published before', async () => {
    const { login, change, report } = setUp();
    const asked = await login('a');
    expect(asked).toHaveLength(1);
    await change(start + 2 * day);
    expect(await login('a')).toEqual(asked);
    expect(await report()).toEqual({ reached: 1, prompted: 1, changed: 1 });
  });
});

describe('what a login costs', () => {
  const names = (calls: readonly { name: string }[]) => calls.map(({ name }) => name).join(' ');

  it.each<[string, (stage: ReturnType<typeof setUp>) => Promise<unknown>]>([
    ['was asked not long ago', ({ login }) => login('before')],
    ['has a new password', ({ change }) => change(date + day)],
    ['has changed the password when asked', async ({ login, change }) => {
      await login('before', start + 1);
      await change(start + 2);
    }],
  ])('of an account that %s: one eventually consistent read', async (_, before) => {
    const stage = setUp();
    await before(stage);
    stage.calls.length = 0;
    expect(await stage.login('a', start + day + 1)).toEqual([]);
    expect(names(stage.calls)).toBe('Query');
    expect(stage.calls[0]?.input['ConsistentRead']).toBe(false);
  });

  it('that reaches an account for the first time: five writes, and two reads; that asks it again: one write', async () => {
    const { login, calls, clock } = setUp();
    await login('a');
    expect(names(calls)).toBe('Query Update Get Update Update Update Update');
    calls.length = 0;
    clock.now = start + 20 * day;
    expect(await login('b', clock.now)).toHaveLength(1);
    expect(names(calls)).toBe('Query Update Get');
  });
});

describe('who lifts a lock', () => {
  const { services } = campaignStage({} as TestTables['tables'], []);
  const challenge = 'x'.repeat(43);
  const loginId = loginOf('ann', 'a', start).data.loginId;
  const verified = (data: { purpose: 'unlock' | 'step_up'; loginId?: string }) =>
    eventOf('challenge.verified', 'ann', { challenge, verifiedAt: '2027-03-02T00:00:00Z', channel: 'email', ...data });

  it('is asked for a new password at once, by e-mail and in the game, under the same actionIds each time', () => {
    const drafts = askAfterUnlock(verified({ purpose: 'unlock', loginId }), services);
    expect(drafts.map(({ data }) => data)).toMatchObject([
      { response: 'email', loginId, triggers: [], country: null, occurredAt: '2027-03-02T00:00:00Z', staleAfter: '2027-03-02T12:00:00.000Z' },
      { response: 'player_message', loginId, staleAfter: '2027-03-03T00:00:00.000Z' },
    ]);
    for (const { data } of drafts) {
      expect(data.text.ko).toContain('새 비밀번호');
      expect(data.text.en).toContain('choose a new one');
    }
    expect(new Set(drafts.map(({ data }) => data.actionId)).size).toBe(2);
    expect(askAfterUnlock(verified({ purpose: 'unlock', loginId }), services)).toEqual(drafts);
  });

  it('is not asked when no login led to the lock, nor who only proves more than the password', () => {
    expect(askAfterUnlock(verified({ purpose: 'unlock' }), services)).toEqual([]);
    expect(askAfterUnlock(verified({ purpose: 'step_up', loginId }), services)).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askOldPassword } from '../../lambdas/password-campaign/handler.ts';
import { type CanaryLogin, NoAnswerError, type Services, watchTheChain } from '../../lambdas/canary/handler.ts';
import { httpApi } from '../../lambdas/canary/http-api.ts';
import { judge } from '../../lambdas/account-security/handler.ts';
import type { HistoryItem } from '../../lambdas/contracts/answers.ts';
import { canaryAccount } from '../../lambdas/contracts/metrics.ts';
import { keepVerdict, recordLogin } from '../../lambdas/login-logger/handler.ts';
import { historyReader } from '../../lambdas/login-logger/reader.ts';
import { loginIdOf } from '../../lambdas/runtime/ids.ts';
import { campaignStage, loginOf, newCampaign, start } from '../support/campaigns.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf, locatedLogin } from '../support/logins.ts';
import { memoryTelemetry } from '../support/records.ts';
import { defaults, judgeServices, loggerServices } from '../support/services.ts';

const minute = 60_000;
const noon = Date.parse('2026-11-21T12:00:00Z');
const verdict = { triggers: ['unlocated' as const], responses: ['none' as const] };
const idOf = ({ id, accountId, occurredAt }: CanaryLogin) => loginIdOf({ id, accountId, occurredAt: new Date(occurredAt) }, () => new Uint8Array(16));

/** The API as the canary sees it: what was posted arrives, unless a test says otherwise. */
function api(trouble: { arrives?: boolean; isJudged?: boolean; minutesLate?: number; fails?: 'post' | 'history' } = {}) {
  const posted: CanaryLogin[] = [];
  const history: Pick<HistoryItem, 'occurredAt' | 'verdict'>[] = [];
  let clock = 0;
  const telemetry = memoryTelemetry();
  const services: Services = {
    telemetry,
    last: {},
    post: (login) => {
      if (trouble.fails === 'post') return Promise.reject(new NoAnswerError('status 503'));
      posted.push(login);
      if (trouble.arrives ?? true) history.unshift({ occurredAt: login.occurredAt, ...((trouble.isJudged ?? true) && { verdict }) });
      return Promise.resolve(idOf(login));
    },
    history: () => (trouble.fails === 'history' ? Promise.reject(new NoAnswerError('status 500')) : Promise.resolve(history.filter(({ occurredAt }) => Date.parse(occurredAt) + (trouble.minutesLate ?? 0) * minute <= clock))),
  };
  const at = (turn: number) => {
    clock = noon + turn * minute;
    return watchTheChain(new Date(clock), services);
  };
  return { posted, telemetry, trouble, at, arrived: () => telemetry.measures.get('CanaryArrived') ?? [] };
}

describe('the canary', () => {
  it('posts a login each time, from an address that has no country, and the same when it is called again for the same time', async () => {
    const { posted, at } = api();
    for (const turn of [0, 0, 1]) await at(turn);
    expect(posted[0]).toEqual({ accountId: canaryAccount, id: '2026-11-21T12:00:00.000Z', occurredAt: '2026-11-21T12:00:00.000Z', ip: '192.0.2.1' });
    expect(posted[1]).toEqual(posted[0]);
    expect(posted[2]?.occurredAt).toBe('2026-11-21T12:01:00.000Z');
  });

  it('has arrived when one more login stands in the history with its verdict', async () => {
    const { at, arrived, telemetry } = api();
    for (let turn = 0; turn < 3; turn += 1) await at(turn);
    expect([arrived(), telemetry.lines]).toEqual([[1, 1], []]);
  });

  it.each([
    [4, 1],
    [6, 0],
  ])('that is %i minutes late all the time counts as %i', async (minutesLate, arrives) => {
    const { at, arrived } = api({ minutesLate });
    for (let turn = 0; turn < 10; turn += 1) await at(turn);
    expect(arrived().slice(minutesLate)).toEqual(Array.from({ length: 9 - minutesLate }, () => arrives));
  });

  it('has not from the first minute on in which nothing more arrives', async () => {
    const { at, arrived, trouble } = api();
    for (const turn of [0, 1]) await at(turn);
    trouble.arrives = false;
    for (const turn of [2, 3, 4]) await at(turn);
    expect(arrived()).toEqual([1, 1, 0, 0]);
  });

  it('says nothing the first time, nor when it is called twice for the same time: there is nothing to look for', async () => {
    const { at, arrived } = api({ arrives: false });
    await at(0);
    await at(0);
    expect(arrived()).toEqual([]);
  });

  it.each([
    ['is not there', { arrives: false }],
    ['has no verdict yet', { isJudged: false }],
  ])('has not when it %s, and says so with its loginId', async (_, trouble) => {
    const { at, arrived, telemetry, posted } = api(trouble);
    for (let turn = 0; turn < 2; turn += 1) await at(turn);
    expect(arrived()).toEqual([0]);
    expect(telemetry.lines).toEqual([JSON.stringify(['The canary has not arrived', { loginId: idOf(posted[0] as CanaryLogin) }])]);
  });

  it.each(['post', 'history'] as const)('has not while %s gets no answer, which is an error line and no crash', async (fails) => {
    const { at, arrived, telemetry, trouble } = api({ fails });
    await at(0);
    await at(1);
    expect(arrived()).toEqual([0, 0]);
    expect(telemetry.lines[0]).toMatch(/"The canary got no answer",\{"reason":"status 50[03]"\}/);
    trouble.fails = undefined;
    for (const turn of [2, 3]) await at(turn);
    expect(arrived().at(-1)).toBe(1);
  });

  it('takes no answer, a refusal and another shape for what they are', async () => {
    const answering = (answer: () => Promise<Response>) => httpApi({ sign: () => Promise.resolve(new Request('http://127.0.0.1:1')), fetch: answer }, 'http://127.0.0.1:1');
    const reasonOf = async (work: Promise<unknown>) => work.then(() => 'none', (error: unknown) => (error instanceof NoAnswerError ? error.message : 'another'));
    const login = { accountId: canaryAccount, id: '1', occurredAt: new Date(noon).toISOString(), ip: '192.0.2.1' };
    const refused = answering(() => Promise.resolve(new Response('{}', { status: 403 })));
    expect([await reasonOf(refused.post(login)), await reasonOf(refused.history(canaryAccount))]).toEqual(['status 403', 'status 403']);
    expect(await reasonOf(answering(() => Promise.reject(new TypeError('connect 127.0.0.1'))).post(login))).toBe('TypeError');
    const other = answering(() => Promise.resolve(Response.json({ items: 7 })));
    expect([await reasonOf(other.post(login)), await reasonOf(other.history(canaryAccount))]).toEqual(['an answer of another shape', 'an answer of another shape']);
  });
});

describe('what services make of the canary', () => {
  let database: TestTables;
  beforeAll(async () => {
    database = await startTables();
  });
  afterAll(() => database.close());

  const unlocated = (account: string) => locatedLogin(account, 'one', new Date(noon), { country: null, unlocatedReason: 'documentation', ip: '192.0.2.1' });
  const severe = { ...defaults, responses: { login_abroad: ['lock' as const], new_country: ['sms' as const], unlocated: ['lock' as const, 'sms' as const] } };

  /** The way of a login through login-logger and account-security. */
  async function judged(account: string, more: object = {}) {
    const logger = loggerServices(database.tables, () => new Date(noon));
    const security = judgeServices(database.tables, severe);
    const telemetry = memoryTelemetry();
    const drafts = await recordLogin(eventOf('login.located', account, unlocated(account)), { ...logger, telemetry });
    const followed = [];
    for (const { data } of drafts) {
      const recorded = eventOf('login.recorded', account, { ...data, history: { ...data.history, ...more } });
      for (const draft of await judge(recorded, { ...security, telemetry })) {
        followed.push(draft);
        if (draft.name === 'verdict.decided') await keepVerdict(eventOf('verdict.decided', account, draft.data), logger);
      }
    }
    const { items } = await historyReader(database.tables, 'login-history', () => new Date(noon)).page(account, 10);
    return { followed, items, counts: [...telemetry.counts.keys()] };
  }

  it('is a verdict beside its login, no response of any kind, and no figure, whatever the deployment does by default', async () => {
    const { followed, items, counts } = await judged(canaryAccount);
    expect(followed.map(({ name }) => name)).toEqual(['verdict.decided']);
    expect(items).toMatchObject([{ verdict: { triggers: ['unlocated'], responses: ['none'] } }]);
    expect(counts).toEqual([]);
  });

  it('is no lock either when somebody disputes its login, so that it takes none of the locks of an hour', async () => {
    const { followed } = await judged(canaryAccount, { disputedAt: new Date(noon).toISOString() });
    expect(followed.filter(({ name }) => name === 'action.requested')).toEqual([]);
  });

  it('is a lock and an SMS for anybody else', async () => {
    const { followed, counts } = await judged('player-7');
    expect(followed.flatMap((draft) => (draft.name === 'action.requested' ? [draft.data.response] : [])).toSorted()).toEqual(['lock', 'sms']);
    expect(counts.toSorted()).toEqual(['ActionsRequested', 'ActionsRequested lock', 'ActionsRequested sms', 'LoginsByCountry', 'LoginsByCountry none', 'Verdicts', 'Verdicts unlocated']);
  });

  it('is the same few requests to the history, however long that is', async () => {
    let requests = 0;
    const tables = new Proxy(database.tables, {
      get: (target, name) => {
        if (name === 'send') requests += 1;
        return Reflect.get(target, name) as unknown;
      },
    });
    const services = loggerServices(tables, () => new Date(noon));
    const needed: number[] = [];
    // A page of the search for an earlier login holds 25.
    for (let turn = 0; turn < 60; turn += 1) {
      const before = requests;
      const login = locatedLogin(canaryAccount, `long-${turn}`, new Date(noon + turn * minute), { country: null, unlocatedReason: 'documentation', ip: '192.0.2.1' });
      expect(await recordLogin(eventOf('login.located', canaryAccount, login), services)).toHaveLength(1);
      needed.push(requests - before);
    }
    expect(new Set(needed)).toEqual(new Set([4]));
  });

  it('is nothing to a password campaign', async () => {
    const campaign = newCampaign();
    const { services, counts } = campaignStage(database.tables, [campaign]);
    expect(await askOldPassword(loginOf(canaryAccount, 'one', start), services)).toEqual([]);
    expect(await counts(campaign.id)).toEqual({ reached: 0, prompted: 0, changed: 0 });
  });
});

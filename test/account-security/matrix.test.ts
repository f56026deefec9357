import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../lambdas/account-security/handler.ts';
import { settingsStore } from '../../lambdas/account-security/settings-store.ts';
import type { EventData } from '../../lambdas/contracts/events.ts';
import type { Outcome, Response } from '../../lambdas/contracts/primitives.ts';
import type { ResponsesByTrigger, Trip } from '../../lambdas/contracts/settings.ts';
import type { Draft } from '../../lambdas/runtime/drafts.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf, locatedLogin } from '../support/logins.ts';
import { memoryTelemetry } from '../support/records.ts';
import { defaults, judgeServices } from '../support/services.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

const occurredAt = new Date('2026-11-20T12:00:00Z');
const trip: Trip = {
  id: 'trip',
  countries: ['JP'],
  from: '2026-11-20',
  until: '2026-11-20',
  timeZone: 'UTC',
  startsAt: '2026-11-20T00:00:00.000Z',
  endsAt: '2026-11-21T00:00:00.000Z',
};

/** Where a login comes from, and which triggers hold when it succeeds: the statement that the rules are held against. */
const places = {
  'from home': { country: 'KR', cameBefore: 'KR', triggers: [] },
  'from home, for the first time': { country: 'KR', cameBefore: undefined, triggers: [] },
  'from the country of a trip': { country: 'JP', cameBefore: 'KR', triggers: [] },
  'from abroad, the first of the account': { country: 'US', cameBefore: undefined, triggers: ['login_abroad'] },
  'from abroad, where it came from before': { country: 'US', cameBefore: 'US', triggers: ['login_abroad'] },
  'from a new country abroad': { country: 'US', cameBefore: 'KR', triggers: ['login_abroad', 'new_country'] },
  'from an address without a country': { country: null, cameBefore: 'KR', triggers: ['unlocated'] },
} as const;

/** What each response is carried out as. */
const carriedOut: Readonly<Record<Response, string[]>> = {
  none: [],
  sms: ['sms'],
  email: ['email'],
  player_message: ['player_message'],
  kick: ['kick'],
  block_abroad: ['kick'],
  lock: ['lock'],
};

const triggers = ['login_abroad', 'new_country', 'unlocated'] as const;
const responses = Object.keys(carriedOut) as Response[];
/** Each response under each trigger alone; `block_abroad` stands only under `login_abroad`. */
const choices = triggers.flatMap((trigger) =>
  responses.filter((response) => response !== 'block_abroad' || trigger === 'login_abroad').map((response) => ({ trigger, response })),
);
const outcomes: Outcome[] = ['success', 'failure', 'denied'];

let accounts = 0;

/** Judges one login of an account that chose something. */
async function judged(
  place: (typeof places)[keyof typeof places],
  outcome: Outcome,
  chosen: Partial<ResponsesByTrigger>,
  mode: 'enforce' | 'observe' = 'enforce',
  disputedAt?: string,
) {
  const account = `cell-${(accounts += 1)}`;
  const all: ResponsesByTrigger = { login_abroad: ['none'], new_country: ['none'], unlocated: ['none'], ...chosen };
  const since = '2026-11-01T00:00:00.000Z';
  const version = { homeCountries: ['KR'], responses: all, trips: [trip], version: 1, since, announced: true, previous: { ...defaults, trips: [] } };
  await settingsStore(database.tables, 'security-settings', defaults, randomUUID).add(account, version);
  const login = locatedLogin(account, '1', occurredAt, { outcome, country: place.country, ...(place.country === null && { unlocatedReason: 'private' }) });
  const before = place.cameBefore && {
    loginId: locatedLogin(account, '0', new Date('2026-11-10T00:00:00Z')).loginId,
    ip: '8.8.8.8',
    country: place.cameBefore,
    occurredAt: '2026-11-10T00:00:00.000Z',
  };
  const history = { ...(before && { previousLogin: before }), ...(before?.country === place.country && { earlierFromCountry: before }), ...(disputedAt && { disputedAt }) };
  const telemetry = memoryTelemetry();
  const drafts = await judge(eventOf('login.recorded', account, { login, history }), { ...judgeServices(database.tables), mode, telemetry });
  return { account, drafts, telemetry, verdict: drafts.find(isVerdict)?.data, asked: drafts.filter(isRequest).map(({ data }) => data) };
}

const isVerdict = (draft: Draft): draft is Draft<'verdict.decided'> => draft.name === 'verdict.decided';
const isRequest = (draft: Draft): draft is Draft<'action.requested'> => draft.name === 'action.requested';

describe.each(Object.entries(places))('a login %s', (_, place) => {
  describe.each(outcomes)('that is a %s', (outcome) => {
    const held = outcome === 'success' ? [...place.triggers] : [];

    it.each(choices)('where $response was chosen for $trigger', async ({ trigger, response }) => {
      const { verdict, asked } = await judged(place, outcome, { [trigger]: [response] });
      const isHeld = held.some((each) => each === trigger);
      expect(verdict?.triggers ?? []).toEqual(held);
      expect(verdict?.responses ?? []).toEqual(held.length === 0 ? [] : [isHeld ? response : 'none']);
      expect(asked.map((action) => action.response)).toEqual(isHeld ? carriedOut[response] : []);
    });
  });
});

describe('responses', () => {
  it('of all triggers that hold are united, and each is asked for once', async () => {
    const { verdict, asked } = await judged(places['from a new country abroad'], 'success', { login_abroad: ['sms', 'block_abroad'], new_country: ['email', 'sms', 'kick', 'lock'] });
    expect(verdict?.responses).toEqual(['block_abroad', 'email', 'kick', 'lock', 'sms']);
    expect(asked.map(({ response }) => response).toSorted()).toEqual(['email', 'kick', 'lock', 'sms']);
  });

  it('are decided and not asked for in the mode observe, which operators see', async () => {
    const { verdict, asked, telemetry } = await judged(places['from a new country abroad'], 'success', { login_abroad: ['sms', 'kick'] }, 'observe');
    expect(verdict).toMatchObject({ responses: ['kick', 'sms'], actions: [] });
    expect(asked).toEqual([]);
    expect(telemetry.counts.get('Observed')).toBe(2);
  });

  it('of a dispute lock in the mode observe, too, because the player said so', async () => {
    const { asked } = await judged(places['from a new country abroad'], 'success', { login_abroad: ['kick', 'lock'] }, 'observe', '2026-11-20T13:00:00.000Z');
    expect(asked).toMatchObject([{ response: 'lock', occurredAt: '2026-11-20T13:00:00.000Z', triggers: ['login_abroad', 'new_country', 'disputed'] }]);
  });

  it.each([
    ['kick', 5 * 60, undefined],
    ['sms', 3600, 7 * 86_400],
    ['email', 12 * 3600, 7 * 86_400],
    ['player_message', 86_400, undefined],
  ] as const)('%s makes no sense %i seconds after the login', async (response, stale, digest) => {
    const { asked } = await judged(places['from a new country abroad'], 'success', { login_abroad: [response] });
    const [action] = asked as [EventData<'action.requested'>];
    const after = (moment: string | undefined) => moment && (Date.parse(moment) - occurredAt.getTime()) / 1000;
    expect([after(action.staleAfter), after(action.digestUntil)]).toEqual([stale, digest]);
  });
});

import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { keepOutcome } from '../../lambdas/account-security/handler.ts';
import { settingsStore } from '../../lambdas/account-security/settings-store.ts';
import { copySettings, lockAccount, unlockAccount } from '../../lambdas/account-standing/handler.ts';
import type { Event } from '../../lambdas/contracts/events.ts';
import type { Response } from '../../lambdas/contracts/primitives.ts';
import type { Protection, ResponsesByTrigger } from '../../lambdas/contracts/settings.ts';
import { type StandingMaxima, isLocked } from '../../lambdas/contracts/standing.ts';
import { disputed, keepHomeCountries } from '../../lambdas/login-logger/handler.ts';
import { historyReader } from '../../lambdas/login-logger/reader.ts';
import { compose, type Draft } from '../../lambdas/runtime/drafts.ts';
import { judgedBy } from './judged-chain.ts';
import { eventOf, locatedLogin } from './logins.ts';
import { defaults, judgeServices, loggerServices, standingServices } from './services.ts';

/** What happens to an account, each at its minute. */
export type Step =
  | { readonly what: 'login'; readonly minute: number; readonly country: string | null; readonly outcome: 'success' | 'failure' }
  | { readonly what: 'settings'; readonly minute: number; readonly homeCountries: string[]; readonly responses: ResponsesByTrigger }
  | { readonly what: 'trip'; readonly minute: number; readonly country: string; readonly minutes: number }
  | { readonly what: 'unlock'; readonly minute: number }
  | { readonly what: 'dispute'; readonly minute: number; readonly of: number };

const minute = fc.integer({ min: 0, max: 60 });
const country = fc.constantFrom('KR', 'JP', 'US');

/**
 * A response that is done stays done, also when a late login shows that its trigger did not hold. Only `new_country` can turn out so, and
 * therefore locks nobody here.
 */
const chosen = fc.constantFrom<Response[]>(['email'], ['lock'], ['none'], ['kick', 'lock']);

/** Sequences in the order of their minutes; at one minute in the order in which they are listed. */
export const sequence: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ what: fc.constant('login' as const), minute, country: fc.option(country), outcome: fc.constantFrom('success' as const, 'success' as const, 'success' as const, 'failure' as const) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          what: fc.constant('settings' as const),
          minute,
          homeCountries: fc.constantFrom<string[]>(['KR'], ['KR', 'JP'], ['US']),
          responses: fc.record({ login_abroad: chosen, new_country: fc.constant<Response[]>(['email']), unlocated: chosen }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('trip' as const), minute, country, minutes: fc.integer({ min: 1, max: 30 }) }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('unlock' as const), minute }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('dispute' as const), minute, of: fc.nat({ max: 5 }) }) },
    ),
    { minLength: 1, maxLength: 9 },
  )
  .map((steps) => steps.toSorted((a, b) => a.minute - b.minute));

const start = Date.parse('2026-11-20T00:00:00Z');
/** Seconds tell apart what happens in one minute. */
const momentOf = (step: Step, index: number): Date => new Date(start + step.minute * 60_000 + index * 1000);

/** What stands in the end. */
export interface Final {
  readonly standing: StandingMaxima & { readonly locked: boolean; readonly settingsVersion: number };
  readonly receipts: readonly unknown[];
  readonly shown: readonly unknown[];
}

/** login-logger, account-security and account-standing over real tables, with a bus that delivers as is said. */
export function protectedChain(tables: DynamoDBDocumentClient) {
  const now = () => new Date(start + 2 * 3_600_000);
  const logger = loggerServices(tables, now);
  const security = judgeServices(tables);
  const settings = settingsStore(tables, 'security-settings', defaults, randomUUID);
  const standing = standingServices(tables, now);
  const reader = historyReader(tables, 'login-history', now);

  const handle = async (event: Event): Promise<readonly Draft[]> => {
    switch (event.type) {
      case 'loginward.action.requested.v1':
        return event.data.response === 'lock' ? lockAccount(event, standing) : [];
      case 'loginward.action.completed.v1':
        await keepOutcome(event, security);
        return [];
      case 'loginward.settings.changed.v1':
        await copySettings(event, standing);
        return keepHomeCountries(event, logger);
      case 'loginward.challenge.verified.v1':
        return unlockAccount(event, standing);
      default:
        return judgedBy(event, logger, security);
    }
  };

  /** Settings and trips are the service's own, with its own time; what is late is only how others learn of them. */
  const versionsOf = async (accountId: string, steps: readonly Step[]): Promise<Map<Step, Event>> => {
    let before: Protection = { ...defaults, trips: [] };
    let version = 0;
    const events = new Map<Step, Event>();
    for (const [index, step] of steps.entries()) {
      const since = momentOf(step, index);
      let next: Protection;
      if (step.what === 'settings') next = { ...before, homeCountries: step.homeCountries, responses: step.responses };
      else if (step.what === 'trip') next = { ...before, trips: [...before.trips, tripOf(step, since, index)] };
      else continue;
      version += 1;
      const kept = { ...next, version, since: since.toISOString(), announced: true, previous: before };
      await settings.add(accountId, kept);
      events.set(step, eventOf('settings.changed', accountId, kept, since));
      before = next;
    }
    return events;
  };

  return {
    /**
     * @param pick which of the open events comes next; the first when things happen in order
     * @param doubles whether an event comes a second time
     */
    async run(accountId: string, steps: readonly Step[], pick: (open: number) => number, doubles: () => boolean): Promise<Final> {
      const versions = await versionsOf(accountId, steps);
      const logins = steps.flatMap((step, index) =>
        step.what === 'login' ? [locatedLogin('one', `${index}`, momentOf(step, index), { country: step.country, outcome: step.outcome })] : [],
      );
      /** A dispute is made over HTTP, of a login that the history shows. */
      type Open = Event | { readonly disputes: string; readonly at: string };
      const open: Open[] = [];
      let next = 0;
      for (const [index, step] of steps.entries()) {
        const moment = momentOf(step, index);
        if (step.what === 'login') open.push(eventOf('login.located', accountId, logins[next++] as (typeof logins)[number], moment));
        if (step.what === 'unlock') open.push(eventOf('challenge.verified', accountId, { challenge: 'c'.repeat(43), verifiedAt: moment.toISOString(), channel: 'email', purpose: 'unlock' }, moment));
        if (step.what === 'dispute') {
          const login = logins[step.of];
          if (login && Date.parse(login.occurredAt) < moment.getTime()) open.push({ disputes: login.loginId, at: moment.toISOString() });
        }
        const version = versions.get(step);
        if (version) open.push(version);
      }
      while (open.length > 0) {
        const picked = open[pick(open.length)] as Open;
        // A player disputes a login one time after the other, each at the moment in which it is done.
        const event = 'disputes' in picked ? (open.find((each) => 'disputes' in each && each.disputes === picked.disputes) as Open) : picked;
        const at = open.indexOf(event);
        open.splice(at, 1);
        if ('disputes' in event) {
          const found = await disputed(accountId, event.disputes, event.at, logger);
          // Not shown yet: the player disputes it later, and so for the next time.
          if (!found) {
            const others = open.filter((each) => 'disputes' in each && each.disputes === event.disputes);
            for (const each of others) open.splice(open.indexOf(each), 1);
            open.push(event, ...others);
          } else open.splice(at, 0, ...found.drafts.map((draft) => compose(draft, { id: `dispute ${event.disputes}`, subject: accountId }, 'test', now()) as Event));
          continue;
        }
        for (let times = doubles() ? 2 : 1; times > 0; times -= 1) {
          const drafts = await handle(event);
          open.splice(at, 0, ...drafts.map((draft) => compose(draft, event, 'test', now()) as Event));
        }
      }
      const { lock, unlock, chosen: copied } = await standing.standings.find(accountId);
      const maxima = { lockedAt: lock?.at, unlockedAt: unlock?.at };
      const receipts = await Promise.all(logins.map(async ({ loginId }) => (await security.verdicts.find(accountId, loginId))?.receipt));
      const { items } = await reader.page(accountId, 100);
      const shown = items.map(({ id, disputedAt, verdict }) => ({ id, disputedAt, triggers: verdict?.triggers, responses: verdict?.responses }));
      return { standing: { ...maxima, locked: isLocked(maxima), settingsVersion: copied?.version ?? 0 }, receipts, shown };
    },
  };
}

function tripOf({ country: to, minutes }: Extract<Step, { what: 'trip' }>, since: Date, index: number) {
  const endsAt = new Date(since.getTime() + minutes * 60_000).toISOString();
  return { id: `trip-${index}`, countries: [to], from: '2026-11-20', until: '2026-11-20', timeZone: 'UTC', startsAt: since.toISOString(), endsAt };
}

let accounts = 0;

/**
 * Whether sequences end with the same standing, receipts and history whatever the order: each is run in order, and shuffled with doubles.
 * A failure shrinks to the shortest sequence that shows it.
 */
export async function checkSequences(tables: DynamoDBDocumentClient, numRuns: number, seed?: number): Promise<void> {
  const chain = protectedChain(tables);
  await fc.assert(
    fc.asyncProperty(sequence, fc.infiniteStream(fc.nat()), async (steps, choices) => {
      const choice = (below: number) => (choices.next().value as number) % below;
      accounts += 2;
      const inOrder = await chain.run(`in-order-${accounts}`, steps, () => 0, () => false);
      const shuffled = await chain.run(`shuffled-${accounts}`, steps, choice, () => choice(3) === 0);
      const [a, b] = [JSON.stringify(inOrder, null, 1), JSON.stringify(shuffled, null, 1)];
      if (a !== b) throw new Error(`in order:\n${a}\nshuffled:\n${b}`);
    }),
    { numRuns, ...(seed !== undefined && { seed }) },
  );
}

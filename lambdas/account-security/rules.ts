import type { Response, Trigger } from '../contracts/primitives.ts';
import { type Protection, tripAt } from '../contracts/settings.ts';
import type { HistoryFacts, LocatedLogin, Rule } from '../contracts/verdict.ts';
import { ruleText } from './words.ts';

/** What a judgement looks at; nothing else has a say in it. */
export interface Evidence {
  readonly login: LocatedLogin;
  readonly history: HistoryFacts;
  readonly settings: Protection;
}

/** What a rule found. */
export interface Finding {
  readonly held: boolean;
  readonly saw: Readonly<Record<string, unknown>>;
}

/** Each rule of judgement, in the order in which a receipt lists them. Only successful logins are judged; any may be disputed. */
const rules: Readonly<Record<Trigger, (evidence: Evidence) => Finding>> = {
  /** A located login from a country that is neither one of home nor of a trip at that time. */
  login_abroad: (evidence) => {
    const { login, settings } = evidence;
    return {
      held: isSuccess(login) && isAbroad(evidence),
      saw: { outcome: login.outcome, country: login.country, homeCountries: settings.homeCountries, trip: tripOf(evidence)?.id ?? null },
    };
  },
  /** No successful login from that country in the 90 days before that was not disputed; never for home, never for the first located login. */
  new_country: (evidence) => {
    const { login, history } = evidence;
    return {
      held: isSuccess(login) && isAbroad(evidence) && history.previousLogin !== undefined && history.earlierFromCountry === undefined,
      saw: {
        outcome: login.outcome,
        country: login.country,
        homeCountries: evidence.settings.homeCountries,
        trip: tripOf(evidence)?.id ?? null,
        previousLogin: history.previousLogin?.loginId ?? null,
        earlierFromCountry: history.earlierFromCountry?.loginId ?? null,
      },
    };
  },
  /** The address has no country. */
  unlocated: ({ login }) => ({
    held: isSuccess(login) && login.country === null,
    saw: { outcome: login.outcome, country: login.country, unlocatedReason: login.unlocatedReason ?? null },
  }),
  /** The player said that it was not theirs. */
  disputed: ({ history: { disputedAt } }) => ({ held: disputedAt !== undefined, saw: { disputedAt: disputedAt ?? null } }),
};

const isSuccess = ({ outcome }: LocatedLogin): boolean => outcome === 'success';
const tripOf = ({ login, settings }: Evidence) => tripAt(settings.trips, login.country, login.occurredAt);

function isAbroad(evidence: Evidence): boolean {
  const { login, settings } = evidence;
  return login.country !== null && !settings.homeCountries.includes(login.country) && tripOf(evidence) === undefined;
}

/** Applies every rule, and unites the responses of the triggers that hold; `none` is left only when it stands alone. */
export function judgement(evidence: Evidence): { rules: Rule[]; triggers: Trigger[]; responses: Response[] } {
  const applied = Object.entries(rules).map(([name, apply]): Rule => {
    const finding = apply(evidence);
    const rule = name as Trigger;
    return { rule, held: finding.held, saw: { ...finding.saw }, text: ruleText(rule, finding.held, evidence) };
  });
  const triggers = applied.filter(({ held }) => held).map(({ rule }) => rule);
  const united = new Set(triggers.flatMap((trigger): Response[] => (trigger === 'disputed' ? ['lock'] : evidence.settings.responses[trigger])));
  if (united.size > 1) united.delete('none');
  return { rules: applied, triggers, responses: [...united].toSorted() };
}

/**
 * What two looks at the history saw together: as late logins and disputes arrive, each fact only grows or moves towards the login, and a
 * disputed login vouches for its country no more, whichever look knew of the dispute.
 */
export function laterFacts(a: HistoryFacts, b: HistoryFacts): HistoryFacts {
  const disputed = [...new Set([...(a.disputed ?? []), ...(b.disputed ?? [])])].toSorted();
  const vouching = [a.earlierFromCountry, b.earlierFromCountry].filter((login) => login && !disputed.includes(login.loginId));
  return {
    previousLogin: newest(a.previousLogin, b.previousLogin),
    earlierFromCountry: newest(vouching[0], vouching[1]),
    ...(disputed.length > 0 && { disputed }),
    ...((a.disputedAt ?? b.disputedAt) !== undefined && { disputedAt: a.disputedAt ?? b.disputedAt }),
  };
}

function newest<T extends { loginId: string }>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.loginId >= b.loginId ? a : b;
}

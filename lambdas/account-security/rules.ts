import type { Response, Trigger } from '../contracts/primitives.ts';
import type { SecuritySettings } from '../contracts/settings.ts';
import type { HistoryFacts, LocatedLogin, Rule } from '../contracts/verdict.ts';

/** What a judgement looks at; nothing else has a say in it. */
export interface Evidence {
  readonly login: LocatedLogin;
  readonly history: HistoryFacts;
  readonly settings: SecuritySettings;
}

/** Each rule of judgement, in the order in which a receipt lists them. */
const rules: Readonly<Record<Trigger, (evidence: Evidence) => Omit<Rule, 'rule'>>> = {
  /** A located login from a country that is not one of home. */
  login_abroad: ({ login: { country }, settings: { homeCountries } }) => ({
    held: country !== null && !homeCountries.includes(country),
    saw: { country, homeCountries },
  }),
  /** No successful login from that country in the 90 days before; never for home, never for the first located login. */
  new_country: ({ login: { country }, settings: { homeCountries }, history }) => ({
    held:
      country !== null &&
      !homeCountries.includes(country) &&
      history.previousLogin !== undefined &&
      history.earlierFromCountry === undefined,
    saw: {
      country,
      homeCountries,
      previousLogin: history.previousLogin?.loginId ?? null,
      earlierFromCountry: history.earlierFromCountry?.loginId ?? null,
    },
  }),
  /** The address has no country. */
  unlocated: ({ login: { country, unlocatedReason } }) => ({
    held: country === null,
    saw: { country, unlocatedReason: unlocatedReason ?? null },
  }),
};

/** Applies every rule, and unites the responses of the triggers that hold; `none` is left only when it stands alone. */
export function judgement(evidence: Evidence): { rules: Rule[]; triggers: Trigger[]; responses: Response[] } {
  const applied = Object.entries(rules).map(([rule, apply]): Rule => ({ rule: rule as Trigger, ...apply(evidence) }));
  const triggers = applied.filter(({ held }) => held).map(({ rule }) => rule);
  const united = new Set(triggers.flatMap((trigger) => evidence.settings.responses[trigger]));
  if (united.size > 1) united.delete('none');
  return { rules: applied, triggers, responses: [...united].toSorted() };
}

/** The later of what two looks at the history saw: as late logins arrive, each fact only moves towards the login. */
export function laterFacts(a: HistoryFacts, b: HistoryFacts): HistoryFacts {
  return {
    previousLogin: newest(a.previousLogin, b.previousLogin),
    earlierFromCountry: newest(a.earlierFromCountry, b.earlierFromCountry),
  };
}

function newest<T extends { loginId: string }>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.loginId >= b.loginId ? a : b;
}

import type { Event } from '../contracts/events.ts';
import { retentionDays } from '../contracts/http.ts';
import type { HistoryFacts, LocatedLogin } from '../contracts/verdict.ts';
import type { Draft } from '../runtime/drafts.ts';
import type { History } from './history.ts';
import { type Account, homeCountriesAt, homeSpans } from './home-countries.ts';

/** What the login-logger depends on. */
export interface Services {
  readonly history: History;
  /** The home countries of an account that chose none. */
  readonly defaultHomeCountries: readonly string[];
}

/** `new_country` looks 90 days back, which is as long as the history keeps. */
const lookBackMilliseconds = retentionDays * 86_400_000;

/**
 * Records a login, and passes it on only when it is notable: a successful one, not from a home country or not located. A late
 * one also passes on again the notable logins after it, which now have another past.
 */
export async function recordLogin({ subject, data }: Event<'login.located'>, services: Services): Promise<Draft<'login.recorded'>[]> {
  const { history } = services;
  const login = await history.record(subject, data);
  if (login?.outcome !== 'success') return [];
  return passOn(subject, [login], services);
}

/** Passes on those of some successful logins that are notable, and again the notable logins after them. */
async function passOn(accountId: string, logins: readonly LocatedLogin[], services: Services): Promise<Draft<'login.recorded'>[]> {
  const { history } = services;
  let account = await history.account(accountId);
  const notable = logins.filter((login) => isNotable(login, account, services));
  if (notable.length > 0) {
    await Promise.all(notable.map((login) => history.noteNotable(accountId, login)));
    // Of two notable logins that arrive at once, whoever reads after both have noted themselves sees the other.
    account = await history.account(accountId);
  }
  const later = await Promise.all(logins.map((login) => laterNotables(accountId, login, account, services)));
  const all = new Map([...notable, ...later.flat()].map((login) => [login.loginId, login]));
  return Promise.all([...all.values()].map((login) => recorded(accountId, login, account, services)));
}

function isNotable({ country, occurredAt }: LocatedLogin, account: Account, { defaultHomeCountries }: Services): boolean {
  return country === null || !homeCountriesAt(account, occurredAt, defaultHomeCountries).includes(country);
}

/**
 * The notable logins whose past a login has changed by coming late: those whose previous located login it now is, and the next one
 * from its country. An account with no notable login after it, which is nearly every one, costs no look-up.
 */
async function laterNotables(accountId: string, login: LocatedLogin, account: Account, services: Services): Promise<LocatedLogin[]> {
  if (login.country === null || account.newestNotable === undefined || account.newestNotable <= login.loginId) return [];
  const [untilLocated, sameCountry] = await Promise.all([
    services.history.untilNextLocated(accountId, login),
    services.history.nextNotableFromSameCountry(accountId, login),
  ]);
  const later = new Map([...untilLocated, ...(sameCountry ? [sameCountry] : [])].map((each) => [each.loginId, each]));
  return [...later.values()].filter((each) => isNotable(each, account, services));
}

async function recorded(
  accountId: string,
  login: LocatedLogin,
  account: Account,
  services: Services,
): Promise<Draft<'login.recorded'>> {
  const history = await factsBefore(accountId, login, account, services);
  const seen = [login.loginId, history.previousLogin?.loginId, history.earlierFromCountry?.loginId];
  return { name: 'login.recorded', data: { login, history }, sibling: seen.join('/') };
}

async function factsBefore(
  accountId: string,
  login: LocatedLogin,
  account: Account,
  { history, defaultHomeCountries }: Services,
): Promise<HistoryFacts> {
  const { country } = login;
  const previousLogin = await history.previousLogin(accountId, login);
  if (country === null || previousLogin === undefined) return { previousLogin };
  if (previousLogin.country === country) return { previousLogin, earlierFromCountry: previousLogin };
  const until = new Date(login.occurredAt);
  const from = new Date(until.getTime() - lookBackMilliseconds);
  const spans = homeSpans(account, country, from, until, defaultHomeCountries);
  const found = await Promise.all([
    history.newestNotableFrom(accountId, country, login, from),
    ...spans.map((span) => history.newestFrom(accountId, country, login, span.from, span.until)),
  ]);
  const earlierFromCountry = found
    .filter((each) => each !== undefined)
    .toSorted((a, b) => (a.loginId < b.loginId ? 1 : -1))[0];
  return { previousLogin, earlierFromCountry };
}

/**
 * Keeps an account's home countries, so that ordinary logins from home end here. A login that came quicker than this event from what
 * was home until then is notable after all, and passed on.
 */
export async function keepHomeCountries({ subject, data }: Event<'settings.changed'>, services: Services): Promise<Draft<'login.recorded'>[]> {
  const { version, since, homeCountries, previous } = data;
  // The first version is kept in any case: from then on the deployment's default does not count for this account.
  if (version > 1 && isSameSet(homeCountries, previous.homeCountries)) return [];
  await services.history.keepHomeCountries(subject, { version, since, countries: homeCountries });
  const noLongerHome = previous.homeCountries.filter((country) => !homeCountries.includes(country));
  const from = new Date(since);
  const logins = await Promise.all(noLongerHome.map((country) => services.history.allFrom(subject, country, from)));
  return logins.some(({ length }) => length > 0) ? passOn(subject, logins.flat(), services) : [];
}

const isSameSet = (a: readonly string[], b: readonly string[]): boolean => new Set(a).symmetricDifference(new Set(b)).size === 0;

/** Shows a verdict beside its login. */
export async function keepVerdict({ subject, data }: Event<'verdict.decided'>, { history }: Services): Promise<void> {
  await history.keepVerdict(subject, data);
}

/** Shows how an action ended beside its logins. */
export async function keepOutcome({ subject, data, time }: Event<'action.completed'>, { history }: Services): Promise<void> {
  await history.keepOutcome(subject, data, time);
}

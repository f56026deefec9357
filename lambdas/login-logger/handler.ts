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
  const account = await history.account(subject);
  const notable = isNotable(login, account, services);
  if (notable) await history.noteNotable(subject, login);
  const later = await laterNotables(subject, login, account, services);
  return Promise.all([...(notable ? [login] : []), ...later].map((each) => recorded(subject, each, account, services)));
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

/** Keeps an account's home countries, so that ordinary logins from home end here. */
export async function keepHomeCountries({ subject, data }: Event<'settings.changed'>, { history }: Services): Promise<void> {
  await history.keepHomeCountries(subject, { version: data.version, since: data.since, countries: data.homeCountries });
}

/** Shows a verdict beside its login. */
export async function keepVerdict({ subject, data }: Event<'verdict.decided'>, { history }: Services): Promise<void> {
  await history.keepVerdict(subject, data);
}

/** Shows how an action ended beside its logins. */
export async function keepOutcome({ subject, data, time }: Event<'action.completed'>, { history }: Services): Promise<void> {
  await history.keepOutcome(subject, data, time);
}

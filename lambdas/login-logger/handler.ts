import type { Event } from '../contracts/events.ts';
import { isCanary } from '../contracts/metrics.ts';
import type { HistoryFacts, LocatedLogin } from '../contracts/verdict.ts';
import { retentionDays } from '../contracts/window.ts';
import type { Draft } from '../runtime/drafts.ts';
import type { Erasure } from '../runtime/erasure.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import type { DisputedLogin, History } from './history.ts';
import { type Account, homeCountriesAt, homeSpans } from './home-countries.ts';

/** What passing logins on depends on. */
export interface Judgeable {
  readonly history: History;
  /** The home countries of an account that chose none. */
  readonly defaultHomeCountries: readonly string[];
}

/** What the login-logger depends on. */
export interface Services extends Judgeable {
  readonly erasure: Erasure;
  readonly telemetry: Pick<Telemetry, 'count'>;
}

/** `new_country` looks 90 days back, which is as long as the history keeps. */
const lookBackMilliseconds = retentionDays * 86_400_000;

/**
 * Records a login, and passes it on only when it is notable: a successful one, not from a home country or not located. A late
 * one also passes on again the notable logins after it, which now have another past.
 */
export async function recordLogin({ subject, data }: Event<'login.located'>, services: Services): Promise<Draft<'login.recorded'>[]> {
  const { history, erasure, telemetry } = services;
  const recording = await history.record(subject, data);
  const account = await history.account(subject);
  if (account.isErased) {
    await erasure.drop(subject);
    return [];
  }
  if (recording?.login.outcome !== 'success') return [];
  const { login, isNew } = recording;
  if (isNew && isNotable(login, account, services) && !isCanary(subject)) telemetry.count('LoginsByCountry', 1, login.country);
  return passOn(subject, [login], account, services);
}

/** Passes on those of some successful logins that are notable, and again the notable logins after them. */
async function passOn(
  accountId: string,
  logins: readonly (LocatedLogin & DisputedLogin)[],
  known: Account,
  services: Judgeable,
): Promise<Draft<'login.recorded'>[]> {
  const { history } = services;
  const notable = logins.filter((login) => isNotable(login, known, services));
  await Promise.all(notable.map((login) => history.noteNotable(accountId, login)));
  // Of two notable logins that arrive at once, whoever reads after both have noted themselves sees the other.
  const account = notable.length > 0 ? await history.account(accountId) : known;
  const later = await Promise.all(logins.map((login) => laterNotables(accountId, login, account, services)));
  const all = new Map([...notable, ...later.flat()].map((login) => [login.loginId, login]));
  return Promise.all([...all.values()].map((login) => recorded(accountId, login, account, services)));
}

function isNotable({ country, occurredAt }: LocatedLogin, account: Account, { defaultHomeCountries }: Judgeable): boolean {
  return country === null || !homeCountriesAt(account, occurredAt, defaultHomeCountries).includes(country);
}

/**
 * The notable logins whose past a login has changed by coming late: those whose previous located login it now is, and the next ones
 * from its country. An account with no notable login after it, which is nearly every one, costs no look-up.
 */
async function laterNotables(accountId: string, login: LocatedLogin, account: Account, services: Judgeable): Promise<(LocatedLogin & DisputedLogin)[]> {
  if (login.country === null || account.newestNotable === undefined || account.newestNotable <= login.loginId) return [];
  const [untilLocated, sameCountry] = await Promise.all([
    services.history.untilNextLocated(accountId, login),
    services.history.nextNotablesFromSameCountry(accountId, login),
  ]);
  const later = new Map([...untilLocated, ...sameCountry].map((each) => [each.loginId, each]));
  return [...later.values()].filter((each) => isNotable(each, account, services));
}

async function recorded(
  accountId: string,
  login: LocatedLogin & DisputedLogin,
  account: Account,
  services: Judgeable,
): Promise<Draft<'login.recorded'>> {
  const { disputedAt } = login;
  const history = { ...(await factsBefore(accountId, login, account, services)), ...(disputedAt !== undefined && { disputedAt }) };
  const seen = [login.loginId, history.previousLogin?.loginId, history.earlierFromCountry?.loginId, ...(history.disputed ?? []), disputedAt];
  return { name: 'login.recorded', data: { login, history }, sibling: seen.join('/') };
}

async function factsBefore(
  accountId: string,
  login: LocatedLogin,
  account: Account,
  { history, defaultHomeCountries }: Judgeable,
): Promise<HistoryFacts> {
  const { country } = login;
  // None of the canary's logins is located: looking for one would read its whole history, every minute.
  if (isCanary(accountId)) return {};
  const previousLogin = await history.previousLogin(accountId, login);
  if (country === null || previousLogin === undefined) return { previousLogin };
  if (previousLogin.country === country && previousLogin.disputedAt === undefined) return { previousLogin, earlierFromCountry: previousLogin };
  const until = new Date(login.occurredAt);
  const from = new Date(until.getTime() - lookBackMilliseconds);
  const spans = homeSpans(account, country, from, until, defaultHomeCountries);
  const found = await Promise.all([
    history.newestNotableFrom(accountId, country, login, from),
    ...spans.map((span) => history.newestFrom(accountId, country, login, span.from, span.until)),
  ]);
  const earlierFromCountry = found
    .flatMap((each) => each.login ?? [])
    .toSorted((a, b) => (a.loginId < b.loginId ? 1 : -1))[0];
  const disputed = found.flatMap((each) => each.disputed).toSorted();
  return { previousLogin, earlierFromCountry, ...(disputed.length > 0 && { disputed }) };
}

/**
 * The player says that a login was not theirs: it is judged anew, and the next notable logins from its country, which it vouches for
 * no more.
 *
 * @returns what follows, and whether it was told before; nothing when the history has no such login
 */
export async function disputed(
  accountId: string,
  loginId: string,
  at: string,
  services: Judgeable,
): Promise<{ drafts: Draft<'login.recorded'>[]; disputedAt: string; wasTold: boolean } | undefined> {
  const { history } = services;
  const found = await history.dispute(accountId, loginId, at);
  if (!found) return undefined;
  const account = await history.account(accountId);
  const next = await history.nextNotablesFromSameCountry(accountId, found.login);
  const logins = [found.login, ...next.filter((login) => isNotable(login, account, services))];
  const drafts = await Promise.all(logins.map((login) => recorded(accountId, login, account, services)));
  return { drafts, disputedAt: found.login.disputedAt ?? at, wasTold: found.wasTold };
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
  return logins.some(({ length }) => length > 0) ? passOn(subject, logins.flat(), await services.history.account(subject), services) : [];
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

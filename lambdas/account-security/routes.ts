import { isDeepStrictEqual } from 'node:util';
import { eventData } from '../contracts/events.ts';
import { defaultResponses, type SecuritySettings, securitySettings } from '../contracts/settings.ts';
import { loginIdParameter } from '../contracts/http.ts';
import { compose } from '../runtime/drafts.ts';
import { jsonBody, noQuery, player, type Request, type Response, valid } from '../runtime/http.ts';
import { ProblemError } from '../runtime/problems.ts';
import type { Publisher } from '../runtime/publisher.ts';
import type { KeptVersion, SettingsHistory } from './settings.ts';
import type { VerdictReader } from './verdicts.ts';
import { weakened } from './weakening.ts';

/** What the player's routes of account-security depend on. */
export interface Services {
  readonly settings: Pick<SettingsHistory, 'newest' | 'sinceOf' | 'add' | 'noteAnnounced'>;
  readonly verdicts: VerdictReader;
  readonly publisher: Publisher;
  readonly defaultHomeCountries: readonly string[];
  /** The claim of the player's token that names the account. */
  readonly accountClaim: string;
  /** `amr` values that prove more than the password. */
  readonly trustedMethods: readonly string[];
  readonly now: () => Date;
}

/** `GET /v1/me/verdicts/{loginId}`: the receipt of a verdict; 404 for a login that was not notable. */
export async function getVerdict(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const { accountId } = player(request, services.accountClaim);
  const { data: loginId } = loginIdParameter.safeParse(request.path['loginId']);
  const verdict = loginId && (await services.verdicts.verdict(accountId, loginId));
  if (!verdict) throw new ProblemError('not-found', 'This login has no verdict.');
  return { status: 200, body: verdict };
}

/** `GET /v1/me/security-settings`, with the version as `ETag`. */
export async function getSettings(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const { accountId } = player(request, services.accountClaim);
  const newest = await services.settings.newest(accountId);
  // Best effort: what the bus does not confirm now, the next request announces.
  if (newest && !newest.announced) await confirmed(accountId, newest, services);
  return answer(newest?.version ?? 0, newest ?? defaults(services));
}

/**
 * `PUT /v1/me/security-settings` replaces them whole, as the next version. Weakening protection needs a token whose `amr` holds one
 * of the trusted methods.
 */
export async function putSettings(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const { accountId, methods } = player(request, services.accountClaim);
  const wanted = valid(securitySettings, jsonBody(request).json);
  const newest = await services.settings.newest(accountId);
  const current = newest ?? defaults(services);
  const currentVersion = newest?.version ?? 0;
  const matches = isMatch(request.headers['if-match'], currentVersion);
  if (isSame(wanted, current)) {
    // Sent again because the bus did not confirm it the first time: the version that it named then is not the newest any more.
    const isRetry = newest !== undefined && !newest.announced;
    if (!matches && !isRetry) throw changedMeanwhile();
    if (isRetry) await announce(accountId, newest, services);
    return answer(currentVersion, wanted);
  }
  if (!matches) throw changedMeanwhile();
  const weaker = weakened(current, wanted);
  if (weaker.length > 0 && !methods.some((method) => services.trustedMethods.includes(method))) {
    throw new ProblemError(
      'step-up-required',
      'Sign in again with a second factor, then change this.',
      weaker.map((pointer) => ({ pointer, detail: 'protects less than before' })),
    );
  }
  await checkRate(accountId, currentVersion, services);
  const version: KeptVersion = {
    ...wanted,
    version: currentVersion + 1,
    since: sinceAfter(newest, services.now()),
    announced: false,
    previous: { homeCountries: current.homeCountries, responses: current.responses },
  };
  if (!(await services.settings.add(accountId, version))) throw changedMeanwhile();
  await announce(accountId, version, services);
  return answer(version.version, wanted);
}

const defaults = ({ defaultHomeCountries }: Services): SecuritySettings => ({
  homeCountries: [...defaultHomeCountries],
  responses: defaultResponses,
});

const answer = (version: number, { homeCountries, responses }: SecuritySettings): Response => ({
  status: 200,
  headers: { etag: `"${version}"` },
  body: { homeCountries, responses },
});

const changedMeanwhile = () => new ProblemError('precondition-failed', 'Read the settings again, and change those.');

/** `If-Match` may be left out; `*` and any of a list of entity tags may match (RFC 9110, 13.1.1). */
const isMatch = (ifMatch: string | undefined, version: number): boolean =>
  ifMatch === undefined || ifMatch.trim() === '*' || ifMatch.split(',').some((tag) => tag.trim() === `"${version}"`);

/** Every change is kept for 90 days and told to the player; nobody who means it changes more often in an hour. */
const changesAnHour = 30;
const hour = 3_600_000;

/** @throws ProblemError 429 when the account's settings changed too often in the last hour */
async function checkRate(accountId: string, currentVersion: number, { settings, now }: Services): Promise<void> {
  if (currentVersion < changesAnHour) return;
  const oldest = await settings.sinceOf(accountId, currentVersion - changesAnHour + 1);
  const wait = oldest === undefined ? 0 : Date.parse(oldest) + hour - now().getTime();
  if (wait <= 0) return;
  const headers = { 'retry-after': String(Math.ceil(wait / 1000)) };
  throw new ProblemError('too-many-requests', `Settings may change ${changesAnHour} times an hour.`, undefined, headers);
}

const isSame = (a: SecuritySettings, b: SecuritySettings): boolean =>
  isDeepStrictEqual(a.homeCountries, b.homeCountries) && isDeepStrictEqual(a.responses, b.responses);

/** Server time, but always after the version before, also when clocks differ. */
const sinceAfter = (newest: KeptVersion | undefined, now: Date): string =>
  new Date(Math.max(now.getTime(), newest ? Date.parse(newest.since) + 1 : 0)).toISOString();

/**
 * Publishes a version's `settings.changed`. A version that was kept but not confirmed on the bus is published by the next request of
 * this player, so that the change is not lost; twice does no harm.
 *
 * @throws ProblemError 503 when the bus did not confirm it
 */
async function announce(accountId: string, version: KeptVersion, services: Services): Promise<void> {
  if (await confirmed(accountId, version, services)) return;
  throw new ProblemError('bus-unavailable', 'The change is kept; send it again to have it confirmed.', undefined, { 'retry-after': '5' });
}

/** Publishes a version's `settings.changed`. @returns whether the bus has confirmed it */
async function confirmed(accountId: string, version: KeptVersion, services: Services): Promise<boolean> {
  const data = eventData['settings.changed'].parse(version);
  const parent = { id: `${accountId} settings ${version.version}`, subject: accountId };
  const event = compose({ name: 'settings.changed', data }, parent, 'account-security', services.now());
  const unconfirmed = await services.publisher.publish([event]);
  if (unconfirmed.size > 0) return false;
  await services.settings.noteAnnounced(accountId, version);
  return true;
}

import { isDeepStrictEqual } from 'node:util';
import { eventData } from '../contracts/events.ts';
import { defaultResponses, type SecuritySettings, securitySettings } from '../contracts/settings.ts';
import { loginIdParameter } from '../contracts/http.ts';
import { compose } from '../runtime/drafts.ts';
import { jsonBody, player, type Request, type Response, valid } from '../runtime/http.ts';
import { ProblemError } from '../runtime/problems.ts';
import type { Publisher } from '../runtime/publisher.ts';
import type { KeptVersion, SettingsHistory } from './settings.ts';
import type { VerdictReader } from './verdicts.ts';
import { weakened } from './weakening.ts';

/** What the player's routes of account-security depend on. */
export interface Services {
  readonly settings: Pick<SettingsHistory, 'newest' | 'add' | 'noteAnnounced'>;
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
  const { accountId } = player(request, services.accountClaim);
  const { data: loginId } = loginIdParameter.safeParse(request.path['loginId']);
  const verdict = loginId && (await services.verdicts.verdict(accountId, loginId));
  if (!verdict) throw new ProblemError('not-found', 'This login has no verdict.');
  return { status: 200, body: verdict };
}

/** `GET /v1/me/security-settings`, with the version as `ETag`. */
export async function getSettings(request: Request, services: Services): Promise<Response> {
  const { accountId } = player(request, services.accountClaim);
  const newest = await services.settings.newest(accountId);
  if (newest && !newest.announced) await announce(accountId, newest, services);
  return answer(newest?.version ?? 0, newest ?? defaults(services));
}

/**
 * `PUT /v1/me/security-settings` replaces them whole, as the next version. Weakening protection needs a token whose `amr` holds one
 * of the trusted methods.
 */
export async function putSettings(request: Request, services: Services): Promise<Response> {
  const { accountId, methods } = player(request, services.accountClaim);
  const wanted = valid(securitySettings, jsonBody(request).json);
  const newest = await services.settings.newest(accountId);
  const current = newest ?? defaults(services);
  const currentVersion = newest?.version ?? 0;
  if (isSame(wanted, current)) {
    if (newest && !newest.announced) await announce(accountId, newest, services);
    return answer(currentVersion, wanted);
  }
  checkPrecondition(request.headers['if-match'], currentVersion);
  const weaker = weakened(current, wanted);
  if (weaker.length > 0 && !methods.some((method) => services.trustedMethods.includes(method))) {
    throw new ProblemError(
      'step-up-required',
      'Sign in again with a second factor, then change this.',
      weaker.map((pointer) => ({ pointer, detail: 'protects less than before' })),
    );
  }
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
function checkPrecondition(ifMatch: string | undefined, version: number): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  if (!ifMatch.split(',').some((tag) => tag.trim() === `"${version}"`)) throw changedMeanwhile();
}

const isSame = (a: SecuritySettings, b: SecuritySettings): boolean =>
  isDeepStrictEqual(a.homeCountries, b.homeCountries) && isDeepStrictEqual(a.responses, b.responses);

/** Server time, but always after the version before, also when clocks differ. */
const sinceAfter = (newest: KeptVersion | undefined, now: Date): string =>
  new Date(Math.max(now.getTime(), newest ? Date.parse(newest.since) + 1 : 0)).toISOString();

/**
 * Publishes a version's `settings.changed`. A version that was kept but not confirmed on the bus is published by the next request of
 * this player, so that the change is not lost; twice does no harm.
 */
async function announce(accountId: string, version: KeptVersion, services: Services): Promise<void> {
  const data = eventData['settings.changed'].parse(version);
  const parent = { id: `${accountId} settings ${version.version}`, subject: accountId };
  const event = compose({ name: 'settings.changed', data }, parent, 'account-security', services.now());
  const unconfirmed = await services.publisher.publish([event]);
  if (unconfirmed.size > 0) {
    throw new ProblemError('bus-unavailable', 'The change is kept; send it again to have it confirmed.', undefined, { 'retry-after': '5' });
  }
  await services.settings.noteAnnounced(accountId, version);
}

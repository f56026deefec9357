import { isDeepStrictEqual } from 'node:util';
import { loginIdParameter } from '../contracts/http.ts';
import { type SecuritySettings, securitySettings } from '../contracts/settings.ts';
import { jsonBody, noQuery, player, type Request, type Response, valid } from '../runtime/http.ts';
import { ProblemError } from '../runtime/problems.ts';
import { announce, change, changedMeanwhile, type ChangeServices, currentOf, requireProof, wasAnnounced } from './change.ts';
import type { VerdictReader } from './verdicts.ts';
import { weakened } from './weakening.ts';

/** What the player's routes of account-security depend on. */
export interface Services extends ChangeServices {
  readonly verdicts: VerdictReader;
  /** The claim of the player's token that names the account. */
  readonly accountClaim: string;
  /** A random id. */
  readonly newId: () => string;
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
  const { newest, version, protection } = await currentOf(accountId, services);
  // Best effort: what the bus does not confirm now, the next request announces.
  if (newest) await wasAnnounced(accountId, newest, services);
  return answer(version, protection);
}

/** `PUT /v1/me/security-settings` replaces them whole, as the next version. Weakening protection needs proof beyond the password. */
export async function putSettings(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const who = player(request, services.accountClaim);
  const { accountId } = who;
  const wanted = valid(securitySettings(), jsonBody(request).json);
  const current = await currentOf(accountId, services);
  const { newest, version, protection } = current;
  const matches = isMatch(request.headers['if-match'], version);
  if (isSame(wanted, protection)) {
    // Sent again because the bus did not confirm it the first time: the version that it named then is not the newest any more.
    const isRetry = newest !== undefined && !newest.announced;
    if (!matches && !isRetry) throw changedMeanwhile();
    if (isRetry) await announce(accountId, newest, services);
    return answer(version, wanted);
  }
  if (!matches) throw changedMeanwhile();
  await requireProof(who, weakened(protection, wanted), services);
  const next = await change(accountId, { ...wanted, trips: protection.trips }, current, services);
  return answer(next.version, wanted);
}

const answer = (version: number, { homeCountries, responses }: SecuritySettings): Response => ({
  status: 200,
  headers: { etag: `"${version}"` },
  body: { homeCountries, responses },
});

/** `If-Match` may be left out; `*` and any of a list of entity tags may match (RFC 9110, 13.1.1). */
const isMatch = (ifMatch: string | undefined, version: number): boolean =>
  ifMatch === undefined || ifMatch.trim() === '*' || ifMatch.split(',').some((tag) => tag.trim() === `"${version}"`);

const isSame = (a: SecuritySettings, b: SecuritySettings): boolean =>
  isDeepStrictEqual(a.homeCountries, b.homeCountries) && isDeepStrictEqual(a.responses, b.responses);

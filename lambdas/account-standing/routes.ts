import { accessCheckBody, supportUnlockBody } from '../contracts/http.ts';
import { accountId as accountIdSchema } from '../contracts/primitives.ts';
import { blocksAbroad, type SecuritySettings } from '../contracts/settings.ts';
import type { AccessDecision } from '../contracts/standing.ts';
import type { DeploymentMode } from '../runtime/deployment.ts';
import { compose, requestOf } from '../runtime/drafts.ts';
import type { GeoDatabase } from '../runtime/geo/geo-database.ts';
import { locate } from '../runtime/geo/locate.ts';
import { jsonBody, noQuery, player, type Request, type Response, valid } from '../runtime/http.ts';
import { busUnavailable, ProblemError } from '../runtime/problems.ts';
import type { Publisher } from '../runtime/publisher.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import { type Account, type Change, denialsOf, isAccountLocked, standingOf, withCause } from './account.ts';
import { announcement } from './handler.ts';
import type { Standings } from './standings.ts';

/** What the routes of account-standing depend on. */
export interface Services {
  readonly standings: Standings;
  readonly geoDatabase: Pick<GeoDatabase, 'countryOf'>;
  /** The settings of an account that chose nothing. */
  readonly defaults: SecuritySettings;
  /** In the mode `observe` nobody is kept out. */
  readonly mode: DeploymentMode;
  readonly publisher: Publisher;
  readonly telemetry: Pick<Telemetry, 'count' | 'measure'>;
  /** The claim of the player's token that names the account. */
  readonly accountClaim: string;
  /** A random id. */
  readonly newId: () => string;
  readonly now: () => Date;
}

/**
 * `POST /v1/access-checks`: whether a player whose password was right may be let in, from one read of the account and the country of the
 * address.
 */
export async function checkAccess(request: Request, services: Services): Promise<Response> {
  try {
    return await decideAccess(request, services);
  } catch (error) {
    // It has an alarm of its own: who gets no answer lets everybody in.
    if (!(error instanceof ProblemError && error.status < 500)) services.telemetry.count('AccessCheckFailed');
    throw error;
  }
}

async function decideAccess(request: Request, services: Services): Promise<Response> {
  const { telemetry, now } = services;
  const startedAt = now().getTime();
  noQuery(request);
  const { accountId, ip } = valid(accessCheckBody, jsonBody(request).json);
  const { country, unlocatedReason } = locate(ip, services.geoDatabase);
  const account = await services.standings.find(accountId);
  const reasons = denialsOf(account, country, now(), defaultsOf(services));
  const decision = reasons.length > 0 && services.mode === 'enforce' ? 'deny' : 'allow';
  telemetry.count(decision === 'deny' ? 'AccessDenied' : 'AccessAllowed');
  telemetry.measure('AccessCheckTime', now().getTime() - startedAt);
  const body: AccessDecision = { decision, reasons, country, ...(unlocatedReason && { unlocatedReason }) };
  return { status: 200, body };
}

/** `GET /v1/accounts/{accountId}/standing`; an account that nothing is known of is active. */
export async function getStanding(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const accountId = valid(accountIdSchema, request.path['accountId']);
  return answer(accountId, await services.standings.find(accountId), services);
}

/** `GET /v1/me/standing`: the same of the player's own account, so that a page can say that it is locked, since when and why. */
export async function getMyStanding(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const { accountId } = player(request, services.accountClaim);
  return answer(accountId, await services.standings.find(accountId), services);
}

/** `POST /v1/accounts/{accountId}/unlock`: support lifts a lock. Who did, and why, is kept beside the account. */
export async function unlockBySupport(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const accountId = valid(accountIdSchema, request.path['accountId']);
  const { reason } = valid(supportUnlockBody, jsonBody(request).json);
  const { standings, publisher, newId, now } = services;
  const audit = { caller: request.caller ?? 'unknown', reason, isAnnounced: false };
  const account = await standings.change(accountId, (before) => {
    if (!isAccountLocked(before)) return before;
    // A login may have occurred some minutes ahead of this clock; the lock is lifted all the same.
    const at = new Date(Math.max(now().getTime(), Date.parse(before.lock?.at ?? '') + 1)).toISOString();
    return withCause(before, { kind: 'unlock', at, reason: 'support' }, newId(), audit);
  });
  // Also what the bus did not confirm the last time.
  const open = account.changes.filter((change) => change.audit?.isAnnounced === false);
  if (open.length > 0) {
    const events = open.map((change) => compose(announcement(change), requestOf(change.by, accountId, now()), 'account-standing', now()));
    if ((await publisher.publish(events)).size > 0) {
      throw busUnavailable('The lock is lifted; send it again to have that confirmed.');
    }
    // Nothing is left of an account that was erased meanwhile.
    await standings.change(accountId, (before) =>
      before.changes.length === 0 ? before : { ...before, changes: before.changes.map((change) => settled(change, open)) },
    );
  }
  return answer(accountId, account, services);
}

const settled = (change: Change, announced: readonly Change[]): Change =>
  change.audit && announced.some(({ by }) => by === change.by) ? { ...change, audit: { ...change.audit, isAnnounced: true } } : change;

const answer = (accountId: string, account: Account, services: Services): Response => ({
  status: 200,
  body: standingOf(accountId, account, defaultsOf(services)),
});

const defaultsOf = ({ defaults }: Services) => ({ ...defaults, blocksAbroad: blocksAbroad(defaults.responses) });

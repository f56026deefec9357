import { type SecuritySettings, type Trip, tripAt } from '../contracts/settings.ts';
import { type DenialReason, isLocked, type Standing, type StandingMaxima, type StandingReason, type StandingState } from '../contracts/standing.ts';

/** Why an account is locked or unlocked, and when. */
export interface Cause {
  readonly kind: 'lock' | 'unlock';
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly reason: StandingReason;
  /** The login that a lock goes back to. */
  readonly loginId?: string | undefined;
}

/** A change that turned the standing, under the id of what caused it, so that it can be announced again. */
export interface Change extends StandingMaxima {
  readonly by: string;
  readonly state: StandingState;
  readonly since: string;
  readonly reason: StandingReason;
  readonly loginId?: string | undefined;
  /** Of an unlock by support: who, and why. */
  readonly audit?: { readonly caller: string; readonly reason: string; readonly isAnnounced: boolean } | undefined;
}

/** What account-standing keeps of an account: the newest lock and unlock, and its copy of what access checks need. */
export interface Account {
  readonly lock?: Cause | undefined;
  readonly unlock?: Cause | undefined;
  /** The last changes, newest first. */
  readonly changes: readonly Change[];
  /** What the player chose; nothing while that is the deployment's default. */
  readonly chosen?: Chosen | undefined;
}

/** The player's choice about abroad, of one version of the settings. */
export interface Chosen {
  readonly version: number;
  readonly homeCountries: readonly string[];
  readonly trips: readonly Trip[];
  readonly blocksAbroad: boolean;
}

export const newAccount: Account = { changes: [] };

/** How many changes are kept for redeliveries and for the audit. */
const keptChanges = 20;

export const maximaOf = ({ lock, unlock }: Account): StandingMaxima => ({ lockedAt: lock?.at, unlockedAt: unlock?.at });
export const isAccountLocked = (account: Account): boolean => isLocked(maximaOf(account));

/**
 * An account with one more cause. Of two locks, and of two unlocks, the newer one counts, whatever order they come in; a change is added
 * only when the standing turns.
 *
 * @param by id of what caused it
 */
export function withCause(account: Account, cause: Cause, by: string, audit?: Change['audit']): Account {
  const newest = newer(account[cause.kind], cause);
  if (newest === account[cause.kind]) return account;
  const next = { ...account, [cause.kind]: newest };
  if (isAccountLocked(next) === isAccountLocked(account)) return next;
  const change: Change = { by, ...currentOf(next), ...maximaOf(next), loginId: next.lock?.loginId, audit };
  return { ...next, changes: [change, ...account.changes].slice(0, keptChanges) };
}

/** Of two at the same moment one is chosen by what they are, so that it does not depend on which came first. */
function newer(a: Cause | undefined, b: Cause): Cause {
  if (!a) return b;
  const rank = ({ at, reason, loginId = '' }: Cause) => `${at} ${reason} ${loginId}`;
  return rank(a) >= rank(b) ? a : b;
}

/** The state, and since when and why. */
function currentOf(account: Account): { state: StandingState; since: string; reason: StandingReason } {
  const cause = isAccountLocked(account) ? account.lock : account.unlock;
  if (!cause) throw new Error('An account without a cause has no change.');
  return { state: cause.kind === 'lock' ? 'locked' : 'active', since: cause.at, reason: cause.reason };
}

/** The standing as it is served. */
export function standingOf(accountId: string, account: Account, defaults: Pick<Chosen, 'blocksAbroad'>): Standing {
  const abroad = (account.chosen ?? defaults).blocksAbroad ? 'blocked' : 'allowed';
  return account.lock || account.unlock ? { accountId, abroad, ...currentOf(account) } : { accountId, state: 'active', abroad };
}

/** Why an account may not be played from a country, or from an address without one; nothing when it may. */
export function denialsOf(account: Account, country: string | null, now: Date, defaults: SecuritySettings & { readonly blocksAbroad: boolean }): DenialReason[] {
  const { homeCountries, trips, blocksAbroad } = account.chosen ?? { ...defaults, trips: [] };
  const reasons: DenialReason[] = isAccountLocked(account) ? ['locked'] : [];
  if (!blocksAbroad) return reasons;
  if (country === null) return [...reasons, 'unlocated'];
  const isHome = homeCountries.includes(country) || tripAt(trips, country, now.toISOString()) !== undefined;
  return isHome ? reasons : [...reasons, 'abroad'];
}

import type { Event } from '../contracts/events.ts';
import { blocksAbroad } from '../contracts/settings.ts';
import { ParkError } from '../runtime/failures.ts';
import type { Draft } from '../runtime/drafts.ts';
import { hourOf } from '../runtime/notice-id.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import { type Account, type Cause, type Change, isAccountLocked, withCause } from './account.ts';
import type { Standings } from './standings.ts';

/** What account-standing depends on. */
export interface Services {
  readonly standings: Standings;
  /** How many accounts logins may lock in an hour. */
  readonly locksPerHour: number;
  readonly telemetry: Pick<Telemetry, 'count'>;
  readonly now: () => Date;
}

/**
 * Locks an account, because of a login or because the player disputed one, and tells how that ended. Locks by logins beyond a set rate
 * are held in the dead-letter queue: a broken geo database must not lock everybody out.
 */
export async function lockAccount({ id, subject, data }: Event<'action.requested'>, services: Services): Promise<Draft[]> {
  const { standings, locksPerHour, telemetry, now } = services;
  const { actionId, loginId, occurredAt, staleAfter, triggers } = data;
  if (now() > new Date(staleAfter)) return [{ name: 'action.completed', sibling: actionId, data: { actionId, outcome: 'stale' } }];
  const isDisputed = triggers.includes('disputed');
  const lock: Cause = { kind: 'lock', at: new Date(occurredAt).toISOString(), reason: isDisputed ? 'disputed' : 'login', loginId };
  const account = await standings.change(subject, async (before) => {
    const after = withCause(before, lock, id);
    const turns = isAccountLocked(after) && !isAccountLocked(before);
    if (turns && !isDisputed && !(await standings.admitLock(hourOf(now().toISOString()), locksPerHour))) {
      telemetry.count('LocksHeld');
      throw new ParkError(`held: more than ${locksPerHour} accounts were to be locked in an hour`);
    }
    return after;
  });
  return [...announced(account, id), { name: 'action.completed', sibling: actionId, data: { actionId, outcome: 'done' } }];
}

/** Lifts the lock of an account whose player has answered a challenge. */
export async function unlockAccount({ id, subject, data }: Event<'challenge.verified'>, { standings }: Services): Promise<Draft[]> {
  if (data.purpose !== 'unlock') return [];
  const unlock: Cause = { kind: 'unlock', at: new Date(data.verifiedAt).toISOString(), reason: 'challenge' };
  return announced(await standings.change(subject, (before) => withCause(before, unlock, id)), id);
}

/** Copies what access checks need of an account's settings; of two versions the higher one stays. */
export async function copySettings({ subject, data }: Event<'settings.changed'>, { standings }: Services): Promise<void> {
  const { version, homeCountries, trips, responses } = data;
  await standings.change(subject, (before) => {
    if (before.chosen && before.chosen.version >= version) return before;
    return { ...before, chosen: { version, homeCountries, trips, blocksAbroad: blocksAbroad(responses) } };
  });
}

/** The announcement of what an event changed; the same each time that it is delivered, nothing when it turned nothing. */
function announced({ changes }: Account, by: string): Draft<'account.standing_changed'>[] {
  const change = changes.find((each) => each.by === by);
  return change ? [announcement(change)] : [];
}

/** What the other services are told of a change. */
export const announcement = ({ by, state, since, reason, lockedAt, unlockedAt, loginId }: Change): Draft<'account.standing_changed'> => ({
  name: 'account.standing_changed',
  sibling: by,
  data: { state, since, reason, lockedAt, unlockedAt, loginId },
});

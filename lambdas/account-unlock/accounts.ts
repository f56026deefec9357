import type { EventData } from '../contracts/events.ts';
import { isLocked, type StandingMaxima } from '../contracts/standing.ts';
import type { Contact } from '../runtime/contacts.ts';

/** What is known of an account's standing: the two maxima, and the login that the newest lock goes back to. */
export interface KnownStanding extends StandingMaxima {
  readonly loginId?: string | null | undefined;
}

/** This service's own copy of standings. */
export interface Accounts {
  /** Keeps the later of each of the two moments, whatever order the events arrive in. */
  keep(accountId: string, standing: EventData<'account.standing_changed'>): Promise<void>;
  /** Strongly consistent; an unknown account has an empty one. */
  standing(accountId: string): Promise<KnownStanding>;
}

/** How long a contact must have been in force before codes go to it: a thief who changes it is noticed before that. */
const trustedAfterHours = 72;

/**
 * The contact that codes go to: the newest that was in force for 72 hours; of a locked account, for 72 hours before the lock.
 *
 * @param versions newest first
 */
export function trustedContact(versions: readonly Contact[], standing: KnownStanding, now: Date): Contact | undefined {
  const reference = isLocked(standing) && standing.lockedAt !== undefined ? Date.parse(standing.lockedAt) : now.getTime();
  return versions.find(({ since }) => Date.parse(since) <= reference - trustedAfterHours * 3_600_000);
}

import type { HistoryItem } from '../contracts/answers.ts';
import type { EventData } from '../contracts/events.ts';
import type { EarlierLogin, LocatedLogin } from '../contracts/verdict.ts';
import type { Account, HomeVersion } from './home-countries.ts';

/** A login that the player may have said was not theirs. */
export interface DisputedLogin {
  readonly disputedAt?: string | undefined;
}

/** The login that stands in the history, and whether it was written just now. */
export interface Recording {
  readonly login: LocatedLogin & DisputedLogin;
  readonly isNew: boolean;
}

/** What a search for an earlier login found: the newest that vouches, and the ones after it that do not because the player disputed them. */
export interface Vouching {
  readonly login?: EarlierLogin | undefined;
  readonly disputed: readonly string[];
}

/** The login history, as the login-logger needs it. All reads of a judgement are strongly consistent. */
export interface History {
  /**
   * Records a login once: of two with the same loginId the first stays.
   *
   * @returns the login that stands in the history, or nothing when it was counted in the row of a flood of failures
   */
  record(accountId: string, login: LocatedLogin): Promise<Recording | undefined>;
  account(accountId: string): Promise<Account>;
  /** Notes that there is a notable login, so that an earlier one that comes late looks for it; and that its country was seen. */
  noteNotable(accountId: string, login: LocatedLogin): Promise<void>;
  /** The newest successful, located login before a login. */
  previousLogin(accountId: string, before: LocatedLogin): Promise<(EarlierLogin & DisputedLogin) | undefined>;
  /** The newest notable, successful login from a country before a login, from `since` on. */
  newestNotableFrom(accountId: string, country: string, before: LocatedLogin, since: Date): Promise<Vouching>;
  /** The newest successful login from a country before a login, in a span of time. */
  newestFrom(accountId: string, country: string, before: LocatedLogin, from: Date, until: Date): Promise<Vouching>;
  /** All successful logins from a country from a moment on, oldest first. */
  allFrom(accountId: string, country: string, from: Date): Promise<(LocatedLogin & DisputedLogin)[]>;
  /** The successful logins after one, up to and with the next that is located. */
  untilNextLocated(accountId: string, after: LocatedLogin): Promise<(LocatedLogin & DisputedLogin)[]>;
  /** The next notable, successful logins from the country of a login, up to and with the first that the player did not dispute. */
  nextNotablesFromSameCountry(accountId: string, after: LocatedLogin): Promise<(LocatedLogin & DisputedLogin)[]>;
  keepHomeCountries(accountId: string, version: HomeVersion): Promise<void>;
  /**
   * Marks a login as not the player's; the first time stays, whatever follows.
   *
   * @returns the login, and whether the bus has confirmed that it was told; nothing when the history has no such login
   */
  dispute(accountId: string, loginId: string, at: string): Promise<{ login: LocatedLogin & DisputedLogin; wasTold: boolean } | undefined>;
  noteDisputeTold(accountId: string, loginId: string): Promise<void>;
  /** Marks a login as the player's own, unless it was disputed. */
  confirm(accountId: string, loginId: string, at: string): Promise<'confirmed' | 'disputed' | 'unknown'>;
  /** Shows a verdict beside its login, unless a higher revision stands there. */
  keepVerdict(accountId: string, verdict: EventData<'verdict.decided'>): Promise<void>;
  /** Shows how an action ended beside its logins; it stays, but for `no_contact`, which ends anew when the contact comes. */
  keepOutcome(accountId: string, action: EventData<'action.completed'>, time: string): Promise<void>;
}

/** The history as it is read. */
export interface HistoryReader {
  /**
   * A page, newest first.
   *
   * @param before the entry that the page before ended with
   * @returns the items, and the entry to go on from when there are more
   */
  page(accountId: string, limit: number, before?: string): Promise<{ items: HistoryItem[]; last: string | null }>;
}

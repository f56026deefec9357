import type { HistoryItem } from '../contracts/http.ts';
import type { EventData } from '../contracts/events.ts';
import type { EarlierLogin, LocatedLogin } from '../contracts/verdict.ts';
import type { Account, HomeVersion } from './home-countries.ts';

/** The login history, as the login-logger needs it. All reads of a judgement are strongly consistent. */
export interface History {
  /**
   * Records a login once: of two with the same loginId the first stays.
   *
   * @returns the login that stands in the history, or nothing when it was counted in the row of a flood of failures
   */
  record(accountId: string, login: LocatedLogin): Promise<LocatedLogin | undefined>;
  account(accountId: string): Promise<Account>;
  /** Notes that there is a notable login, so that an earlier one that comes late looks for it; and that its country was seen. */
  noteNotable(accountId: string, login: LocatedLogin): Promise<void>;
  /** The newest successful, located login before a login. */
  previousLogin(accountId: string, before: LocatedLogin): Promise<EarlierLogin | undefined>;
  /** The newest notable, successful login from a country before a login, from `since` on. */
  newestNotableFrom(accountId: string, country: string, before: LocatedLogin, since: Date): Promise<EarlierLogin | undefined>;
  /** The newest successful login from a country before a login, in a span of time. */
  newestFrom(accountId: string, country: string, before: LocatedLogin, from: Date, until: Date): Promise<EarlierLogin | undefined>;
  /** All successful logins from a country from a moment on, oldest first. */
  allFrom(accountId: string, country: string, from: Date): Promise<LocatedLogin[]>;
  /** The successful logins after one, up to and with the next that is located. */
  untilNextLocated(accountId: string, after: LocatedLogin): Promise<LocatedLogin[]>;
  /** The next notable, successful login from the country of a login. */
  nextNotableFromSameCountry(accountId: string, after: LocatedLogin): Promise<LocatedLogin | undefined>;
  keepHomeCountries(accountId: string, version: HomeVersion): Promise<void>;
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

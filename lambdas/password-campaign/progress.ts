import type { Campaign } from '../contracts/campaigns.ts';

/** How far an account is in a campaign. Moments are in UTC with milliseconds, so that their texts order. */
export interface Progress {
  /** The login that met the campaign's condition first, as far as it was known then. */
  readonly reachedBy?: string | undefined;
  /** The login that the player was last asked at, and when it occurred. */
  readonly promptedBy?: string | undefined;
  readonly promptedAt?: string | undefined;
  /** The first change of the password on or after the campaign's date that is known. */
  readonly changedAt?: string | undefined;
}

/** What is known of an account. */
export interface Known {
  /** The newest change of its password that is known. */
  readonly passwordChangedAt?: string | undefined;
  /** By id of the campaign. */
  readonly campaigns: ReadonlyMap<string, Progress>;
}

/** What a login changes of an account's progress. */
export interface LoginNote {
  readonly loginId: string;
  /** A change of the password that was known before the campaign was. */
  readonly changedAt?: string | undefined;
  /** Set when the player is to be asked: noted only at the same login as before, or when no change is known and the last time was at `lastUntil` at the latest. */
  readonly prompt?: { readonly occurredAt: string; readonly lastUntil: string } | undefined;
}

/** What stands after a note, and what of it is counted by now. Only the store reads it. */
export interface Noted extends Progress {
  readonly counted?: ReadonlySet<string>;
}

/** Who was asked and who has changed, and the counts of them. */
export interface CampaignProgress {
  /** All that is known of an account, by one read. Unless it is `consistent`, it may miss what was written a moment ago. */
  known(accountId: string, consistent: boolean): Promise<Known>;
  /**
   * Notes that a login reached an account, and that its player is asked. The same note twice changes nothing.
   *
   * @returns nothing when it does not fit to what was noted meanwhile
   */
  noteLogin(accountId: string, campaign: Campaign, note: LoginNote): Promise<Noted | undefined>;
  /** Notes when an account's password changed, for campaigns to come; the newest stands. */
  notePassword(accountId: string, changedAt: string): Promise<void>;
  /**
   * Notes that an account's password changed on or after a campaign's date; the first such change stands. The same note twice changes
   * nothing.
   *
   * @returns nothing when an earlier change was known
   */
  noteChange(accountId: string, campaign: Campaign, changedAt: string): Promise<Noted | undefined>;
  /**
   * Counts what a note made true and what is not counted yet, each exactly once, wherever a crash happens: whoever noted it calls this,
   * and again when its event is redelivered.
   *
   * @param isRepeated whether the event may have been here before
   * @throws ComeBackError while another counts for the same account and campaign, or may have died doing so
   */
  count(accountId: string, campaign: Campaign, noted: Noted, isRepeated: boolean): Promise<void>;
}

/** Numbers of accounts, each counted once. */
export interface Counts {
  readonly reached: number;
  readonly prompted: number;
  readonly changed: number;
}

import { v7 } from 'uuid';
import { retentionDays } from '../contracts/window.ts';
import { firstLoginIdOf } from '../runtime/ids.ts';

/**
 * Sort keys of the table `login-history`. A login's is its loginId, which orders by the moment it occurred; all others start with
 * `~`, which sorts behind every loginId.
 */
export const keys = {
  /** Of the hashed account: what is known of it, or its tombstone. */
  account: '~account',
  /** The notable logins of one country, in order. */
  country: (country: string, loginId: string) => `~country#${country}#${loginId}`,
  /** How an action ended. */
  action: (actionId: string) => `~action#${actionId}`,
  /** The row that counts the failures of a minute past the first 20; it sorts as the last of its minute. */
  flood: (occurredAt: string) => {
    const minuteEnd = Math.floor(Date.parse(occurredAt) / 60_000) * 60_000 + 59_999;
    return v7({ msecs: minuteEnd, random: new Uint8Array(16).fill(0xff) });
  },
  /** The span of loginIds from a moment on. */
  from: firstLoginIdOf,
  /** Sorts behind every loginId. */
  end: 'g',
  /** The place right behind a login's key, before the next one's. */
  behind: (entry: string) => `${entry} `,
  /** The place right before a login's key, behind the one before it: the same with its last digit one less, and a tail. */
  before: (entry: string) => `${entry.slice(0, -1)}${String.fromCharCode(entry.charCodeAt(entry.length - 1) - 1)}~`,
};

const day = 86_400;

/** The oldest moment that the history shows. */
export const oldestShown = (now: Date): Date => new Date(now.getTime() - retentionDays * day * 1000);

import type { ActionOutcome } from '../contracts/verdict.ts';
import type { Asking } from './notice.ts';

/** Somebody may be sending to a recipient right now, until the lease ends. */
export interface Claim {
  readonly state: 'claimed';
  readonly leaseUntil: string;
  /** 0 while it is only reserved, and surely not sent. */
  readonly attempts: number;
  /** A word of this claim's own: whoever writes it finds by it that it stands, when the answer was lost. */
  readonly holder?: string | undefined;
  /** The provider was throttling: before that no attempt makes sense. */
  readonly notBefore?: string;
}

/** How a notice ended. */
export interface HowItEnded {
  readonly outcome: ActionOutcome;
  readonly detail?: string | undefined;
}

/** The entry of a notice, or of one of its recipients, that has ended. */
export interface Ended extends HowItEnded {
  readonly state: 'ended';
}

/** How far a notice is, or sending it to one of its recipients. */
export type Sending = Claim | Ended;

/** The lease of a claim whose message was surely not sent, or may be sent again: whoever comes next may send it. */
export const released = new Date(0).toISOString();

/** What asked for a notice that has no contact to go to, until it is stale. */
export interface Waiting {
  readonly askedBy: Asking;
  readonly staleAfter: string;
}

/**
 * What was sent: how each action ended under its actionId, and under a hash of a topic and an address the claim that keeps two from
 * sending the same to one recipient. All reads are strongly consistent.
 */
export interface SentLog {
  find(accountId: string, actionId: string): Promise<Sending | undefined>;
  /**
   * Puts an entry in place of what `find` gave.
   *
   * @param waiting kept beside it for the contact that may come
   * @returns false when what was found does not stand there any more
   */
  replace(accountId: string, actionId: string, found: Sending | undefined, entry: Sending, waiting?: Waiting): Promise<boolean>;
  /**
   * What asked for the notices that had no contact to go to, and are not stale at a moment. It stays after they went out, so that a
   * redelivered contact tells again how they ended.
   */
  waiting(accountId: string, moment: Date): Promise<Asking[]>;
  /** Counts one more under a name, unless `most` were counted. @returns whether it was counted */
  count(accountId: string, counter: string, most: number): Promise<boolean>;
}

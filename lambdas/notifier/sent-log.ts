import type { ActionOutcome } from '../contracts/verdict.ts';

/** How far a notice is: claimed by someone who may be sending it right now, or ended. */
export type Sending =
  | { readonly state: 'claimed'; readonly leaseUntil: string; readonly attempts: number }
  | { readonly state: 'ended'; readonly outcome: ActionOutcome; readonly detail?: string | undefined };

/** What was sent, by action: the claim that keeps two from sending the same. */
export interface SentLog {
  find(accountId: string, actionId: string): Promise<Sending | undefined>;
  /**
   * Claims an action until the lease ends, in place of what was found.
   *
   * @param found what `find` gave; when it is no longer so, somebody else was quicker
   * @returns whether the claim is ours
   */
  claim(accountId: string, actionId: string, claim: Extract<Sending, { state: 'claimed' }>, found: Sending | undefined): Promise<boolean>;
  end(accountId: string, actionId: string, outcome: ActionOutcome, detail?: string): Promise<void>;
}

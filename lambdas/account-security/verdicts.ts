import type { EventData } from '../contracts/events.ts';
import type { HistoryFacts, Verdict, VerdictAction } from '../contracts/verdict.ts';
import type { Action } from './actions.ts';
import type { Receipt } from './receipt.ts';

/** A receipt as it is kept: with the history it has seen, and how often it was judged. */
export interface KeptReceipt {
  readonly receipt: Receipt;
  readonly history: HistoryFacts;
  /** From 1; counts up when the login is judged anew. */
  readonly revision: number;
  /** All that was ever asked for; what was done stays done. */
  readonly actions: readonly VerdictAction[];
}

/** The receipts of verdicts, as account-security needs them. */
export interface Verdicts {
  /** Strongly consistent. */
  find(accountId: string, loginId: string): Promise<KeptReceipt | undefined>;
  /** Keeps a receipt as the next revision. @returns false when another was kept meanwhile */
  keep(accountId: string, kept: KeptReceipt): Promise<boolean>;
  /**
   * Makes a login the one that asks for a notice of its hour.
   *
   * @returns whether it is; a redelivery of the same login is it again
   */
  claimNotice(accountId: string, action: Action, loginId: string): Promise<boolean>;
  /** How many logins shared the last notice of this channel and place before that hour without having been told of. */
  untoldBefore(accountId: string, notice: NonNullable<Action['notice']>): Promise<number>;
  /** Keeps how an action ended; it stays, but for `no_contact`, which ends anew when the contact comes. */
  keepOutcome(accountId: string, action: EventData<'action.completed'>, time: string): Promise<void>;
}

/** The receipts as they are served. */
export interface VerdictReader {
  verdict(accountId: string, loginId: string): Promise<Verdict | undefined>;
}

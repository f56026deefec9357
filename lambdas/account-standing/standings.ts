import type { Account } from './account.ts';

/** The standings of accounts. All reads are strongly consistent. */
export interface Standings {
  /** A new account when nothing is known of it: one read. */
  find(accountId: string): Promise<Account>;
  /**
   * Changes an account, by what a function makes of it; again when somebody else changed it meanwhile. Nothing is written when the
   * function gives the account back as it was.
   *
   * @returns the account as it is now
   */
  change(accountId: string, make: (account: Account) => Account | Promise<Account>): Promise<Account>;
  /**
   * Counts one more account that a login locks in an hour, for all accounts together. A crash may count one too many.
   *
   * @param hour `2026-11-21T09`
   * @returns whether it is within the limit
   */
  admitLock(hour: string, limit: number): Promise<boolean>;
}

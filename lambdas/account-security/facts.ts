import type { StandingMaxima } from '../contracts/standing.ts';

/** What account-security knows of an account beside its settings, copied by event. */
export interface Facts extends StandingMaxima {
  /** The time zone of the contact, by which the days of a trip are counted. */
  readonly timeZone?: string | null | undefined;
  /** When a challenge was answered last. */
  readonly provenAt?: string | undefined;
}

/** Facts that only grow: of two the later one wins, whatever order they arrive in. */
export interface AccountFacts {
  /** Strongly consistent. */
  find(accountId: string): Promise<Facts>;
  keepTimeZone(accountId: string, timeZone: string | undefined, since: string): Promise<void>;
  keepProof(accountId: string, verifiedAt: string): Promise<void>;
  keepStanding(accountId: string, maxima: StandingMaxima): Promise<void>;
}

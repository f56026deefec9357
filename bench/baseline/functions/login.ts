/** A login as it was posted, and its id. */
export interface Login {
  readonly id: string;
  readonly accountId: string;
  readonly ip: string;
  readonly occurredAt: string;
  readonly outcome: string;
}

/** A login with its country, when the address has one. */
export interface LocatedLogin extends Login {
  readonly country: string | null;
}

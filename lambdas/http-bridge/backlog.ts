/** An event that waits, as it came. */
export interface Waiting {
  readonly body: string;
  /** Since when it waits, RFC 3339. */
  readonly heldSince: string;
  /** How often the endpoint refused it. */
  readonly refusals: number;
}

/** Some events that wait together. */
export interface HeldBatch {
  readonly key: string;
  /** Since when the one waits that waits longest. */
  readonly heldSince: string;
}

/** The events of a subscription whose endpoint does not work. They belong to its name: they outlive deploys, and the subscription itself. */
export interface Backlog {
  put(events: readonly Waiting[]): Promise<void>;
  /** Batches, those that wait longest first; as many as one look gives. */
  list(): Promise<HeldBatch[]>;
  /** Nothing when it is not there any more. */
  read(batch: HeldBatch): Promise<Waiting[] | undefined>;
  remove(batch: HeldBatch): Promise<void>;
  /** Puts a batch aside, from where only `npm run dlq` brings it back. */
  expire(batch: HeldBatch): Promise<void>;
}

/** A record as its bus handed it over. */
export interface Incoming {
  /** What logs call it: the message id of SQS, or topic, partition and offset. */
  readonly name: string;
  /** JSON of a CloudEvent, unless something else was put onto the bus. */
  readonly body: string;
  /** Records of one lane are handled one after the other, and none of them past one that failed. */
  readonly lane: string;
}

/** Why a record is not done, and what is to become of it. */
export interface Failure {
  /** In words that may be logged and kept beside the record. */
  readonly reason: string;
  /** It can never be done: it is to be parked at once. */
  readonly isFinal: boolean;
  /** When it is to come back; left out, as after any failure. */
  readonly seconds?: number | undefined;
}

/** What became of failed records. */
export interface Settled<A> {
  /** Those of the failed that lie where operators find them now, each with its reason; the others come back. */
  readonly parked: ReadonlySet<Incoming>;
  /** What Lambda is to be answered. */
  readonly answer: A;
}

/** A batch of records, as a bus hands it to a function. */
export interface Batch<A> {
  readonly records: readonly Incoming[];
  /** How many more there were that are no event of anybody's. */
  readonly empty: number;
  /** Parks what is bad, and has the rest of what failed come back. Everything else counts as done. */
  settle(failures: ReadonlyMap<Incoming, Failure>): Promise<Settled<A>>;
}

/** Where a function's records come from. */
export interface Inbox<E, A> {
  /** @param deadline when the invocation's time is over */
  open(event: E, deadline: Date): Batch<A>;
}

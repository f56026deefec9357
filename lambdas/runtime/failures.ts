/** Thrown by a handler whose record is to be parked at once, with this reason. */
export class ParkError extends Error {}

/** Thrown by a handler whose record is to come back at a time of its own, rather than after the usual back-off. */
export class ComeBackError extends Error {
  readonly seconds: number | undefined;

  /** @param seconds until it comes back; left out, as after any failure */
  constructor(reason: string, seconds?: number) {
    super(reason);
    this.seconds = seconds;
  }
}

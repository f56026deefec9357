import { setTimeout as delay } from 'node:timers/promises';

/** What a batch becomes. */
export interface Tries<T> {
  /** Calls the function with records. @returns how many of them, from the first on, are done */
  attempt(records: readonly T[]): Promise<number>;
  /** Called when some more records are done, with those of the batch that are left. */
  done(left: readonly T[]): Promise<void>;
  /** Puts records away that were tried often enough. */
  giveUp(records: readonly T[], tries: number): Promise<void>;
  /** Whether a failed batch is cut in two halves (`BisectBatchOnFunctionError`). */
  readonly bisects: boolean;
  /** How often what cannot be cut any more is tried again; -1 for ever. */
  readonly maxRetries: number;
  /** Milliseconds to wait after so many tries. */
  backoff(tries: number): number;
  /** When it aborts, nothing more is tried. */
  readonly signal: AbortSignal;
}

/**
 * Tries records until all of them are done or given up, in their order, as Lambda does with a batch of a stream: after a partial
 * failure it goes on from there, and what failed whole is cut in halves until one record is left, which is then tried again and
 * again. A cut is no retry.
 */
export async function workThrough<T>(batch: readonly T[], { attempt, done, giveUp, bisects, maxRetries, backoff, signal }: Tries<T>): Promise<void> {
  let pieces = [batch];
  let tries = 0;
  while (!signal.aborted) {
    const [piece, ...later] = pieces;
    if (!piece) return;
    const count = await attempt(piece);
    tries += 1;
    const rest = piece.slice(count);
    if (count === 0 && bisects && piece.length > 1) {
      const middle = Math.ceil(piece.length / 2);
      pieces = [piece.slice(0, middle), piece.slice(middle), ...later];
      tries = 0;
      continue;
    }
    if (count === 0 && (maxRetries === -1 || tries <= maxRetries)) {
      await delay(backoff(tries), undefined, { signal }).catch(() => undefined);
      continue;
    }
    if (count === 0) await giveUp(piece, tries);
    tries = 0;
    pieces = count === 0 || rest.length === 0 ? later : [rest, ...later];
    await done(pieces.flat());
  }
}

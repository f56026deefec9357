import { ComeBackError } from '../runtime/failures.ts';

/**
 * What several pieces of work came to. All are tried before one that failed makes the record come back; of several failures the one that
 * wants to wait longest counts, because coming back sooner would only use up its tries.
 */
export async function allTried<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work);
  const failures = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  if (failures.length > 0) throw failures.toSorted((a, b) => secondsOf(b) - secondsOf(a))[0];
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

const secondsOf = (error: unknown): number => (error instanceof ComeBackError ? (error.seconds ?? 0) : 0);

import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Random choices that a seed repeats. */
export interface Random {
  /** A whole number from 0 to below `count`. */
  below(count: number): number;
  /** One of a list. */
  of<T>(list: readonly T[]): T;
}

export function randomOf(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const below = (count: number) => uniformInt(generator, 0, count - 1);
  return { below, of: (list) => list[below(list.length)] as (typeof list)[number] };
}

import { createHash } from 'node:crypto';
import type * as z from 'zod/mini';
import { ProblemError } from './problems.ts';

/**
 * Cursors of a list: opaque, good for that list only. The check digits make an altered one, or one of another list, be refused; it
 * needs no secret, because a cursor only ever names a place within the list that the caller may read anyway.
 */
export const cursors = {
  /** @param list what tells this list from all others: its route and account */
  of: (list: string, place: string | null): string | null =>
    place === null ? null : Buffer.from(`${check(list, place)}${place}`).toString('base64url'),

  /**
   * @param placeSchema what a place of this list looks like
   * @throws ProblemError 400 for a cursor that is not one of this list
   */
  placeIn: (list: string, cursor: string | undefined, placeSchema: z.ZodMiniType<string>): string | undefined => {
    if (cursor === undefined) return undefined;
    const text = Buffer.from(cursor, 'base64url').toString();
    const place = text.slice(checkLength);
    if (placeSchema.safeParse(place).success && cursors.of(list, place) === cursor) return place;
    throw new ProblemError('invalid-cursor', 'Take the cursor of the page before, as it is.', [
      { pointer: '#/cursor', detail: 'is not a cursor of this list' },
    ]);
  },
};

const checkLength = 12;

const check = (list: string, place: string): string =>
  createHash('sha256').update(`${list}\n${place}`).digest('hex').slice(0, checkLength);

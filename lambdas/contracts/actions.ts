import * as z from 'zod/mini';
import type { Response } from './primitives.ts';

/** Responses that are carried out as actions: `none` does nothing, and `block_abroad` is a kick for a login that got in all the same. */
export type ActionResponse = Exclude<Response, 'none' | 'block_abroad'>;

/** How long after a login each action makes sense, in seconds. */
export type StaleAfterSeconds = Readonly<Record<ActionResponse, number>>;

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** An SMS of yesterday's login only alarms, and a kick would hit whoever plays now; a lock still keeps a thief out. */
export const defaultStaleAfterSeconds: StaleAfterSeconds = {
  sms: hour,
  email: 12 * hour,
  player_message: day,
  kick: 5 * minute,
  lock: 90 * day,
};

/** How long after a login a digest may tell of a notice that was stale, in seconds. */
export const digestSeconds = 7 * day;

const seconds = (response: ActionResponse) => z._default(z.int().check(z.minimum(1)), defaultStaleAfterSeconds[response]);

/** Seconds by response; what is left out keeps its default. */
export const staleAfterSchema = z.strictObject({
  sms: seconds('sms'),
  email: seconds('email'),
  player_message: seconds('player_message'),
  kick: seconds('kick'),
  lock: seconds('lock'),
});

/** How many notices go out in a day (UTC) at most. */
export interface NoticeCaps {
  readonly smsPerAccountAndDay: number;
  readonly smsPerDay: number;
  readonly emailsPerAccountAndDay: number;
}

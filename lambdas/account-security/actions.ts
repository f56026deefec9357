import type { Response } from '../contracts/primitives.ts';
import type { Verdict, VerdictAction } from '../contracts/verdict.ts';
import { hashId } from '../runtime/ids.ts';

/** Responses that tell the player something outside the game; those of one account, channel and country share an action an hour. */
export const noticeChannels = ['sms', 'email'] as const;
export type NoticeChannel = (typeof noticeChannels)[number];

export const isNotice = (response: Response): response is NoticeChannel => noticeChannels.some((channel) => channel === response);

/** How long after the login an action still makes sense, in seconds. */
export const staleAfterSeconds: Readonly<Record<Exclude<Response, 'none' | 'block_abroad'>, number>> = {
  sms: 3600,
  email: 7 * 86_400,
  player_message: 86_400,
  kick: 300,
  lock: 90 * 86_400,
};

export type ActionResponse = keyof typeof staleAfterSeconds;

/** An action of a verdict; notices carry the hour that they stand for. */
export interface Action extends VerdictAction {
  readonly response: ActionResponse;
  readonly notice?: { readonly channel: NoticeChannel; readonly place: string; readonly hour: string };
}

/** The clock hour of a moment, UTC: `2026-11-21T09`. */
export const hourOf = (moment: string): string => new Date(moment).toISOString().slice(0, 13);

/** Where a login came from, for notices that share an action: its country, or that it has none. */
export const placeOf = (country: string | null): string => country ?? 'unlocated';

/** What is to be done about a verdict, each under an id that makes doing it twice detectable. */
export function actionsOf(accountId: string, { loginId, login, responses }: Pick<Verdict, 'loginId' | 'login' | 'responses'>): Action[] {
  const wanted = new Set(responses.flatMap(carriedOut));
  return [...wanted].map((response): Action => {
    if (!isNotice(response)) return { response, actionId: hashId(accountId, loginId, response) };
    const notice = { channel: response, place: placeOf(login.country), hour: hourOf(login.occurredAt) };
    return { response, notice, actionId: hashId(accountId, notice.channel, notice.place, notice.hour) };
  });
}

/** `block_abroad` denies play by access checks; a login that got in all the same is kicked. */
function carriedOut(response: Response): ActionResponse[] {
  if (response === 'none') return [];
  return [response === 'block_abroad' ? 'kick' : response];
}

import { type ActionResponse, digestSeconds, type StaleAfterSeconds } from '../contracts/actions.ts';
import type { EventData } from '../contracts/events.ts';
import { type ChannelName, channel, type Response } from '../contracts/primitives.ts';
import type { VerdictAction } from '../contracts/verdict.ts';
import { hashId } from '../runtime/ids.ts';
import { hourOf, noticeId, placeOf } from '../runtime/notice-id.ts';
import type { Receipt } from './receipt.ts';

/** Responses that tell the player something outside the game; those of one account, channel and country share an action an hour. */
export const isNotice = (response: Response): response is ChannelName => channel.options.some((each) => each === response);

/** An action of a verdict; notices carry the hour that they stand for. */
export interface Action extends VerdictAction {
  readonly response: ActionResponse;
  /** The moment that it goes back to: of the login, or of the dispute. */
  readonly occurredAt: string;
  readonly notice?: { readonly channel: ChannelName; readonly place: string; readonly hour: string };
}

/** What is to be done about a verdict, each under an id that makes doing it twice detectable. */
export function actionsOf(accountId: string, { loginId, login, responses, disputedAt }: Pick<Receipt, 'loginId' | 'login' | 'responses' | 'disputedAt'>): Action[] {
  const { country, occurredAt } = login;
  const wanted = new Set(responses.flatMap(carriedOut));
  return [...wanted].map((response): Action => {
    if (isNotice(response)) {
      const notice = { channel: response, place: placeOf(country), hour: hourOf(occurredAt) };
      return { response, occurredAt, notice, actionId: noticeId(accountId, response, country, occurredAt) };
    }
    // A dispute locks at the moment in which it was made, also when the login has led to a lock before.
    if (response === 'lock' && disputedAt !== null) return { response, occurredAt: disputedAt, actionId: hashId(accountId, loginId, response, disputedAt) };
    return { response, occurredAt, actionId: hashId(accountId, loginId, response) };
  });
}

/** `block_abroad` denies play by access checks; a login that got in all the same is kicked. */
function carriedOut(response: Response): ActionResponse[] {
  if (response === 'none') return [];
  return [response === 'block_abroad' ? 'kick' : response];
}

/** Until when an action makes sense, and until when a digest may tell of a notice that came too late. */
export function deadlinesOf({ response, occurredAt, notice }: Action, staleAfterSeconds: StaleAfterSeconds): Pick<EventData<'action.requested'>, 'staleAfter' | 'digestUntil'> {
  const after = (seconds: number): string => new Date(Date.parse(occurredAt) + seconds * 1000).toISOString();
  return { staleAfter: after(staleAfterSeconds[response]), ...(notice && { digestUntil: after(digestSeconds) }) };
}

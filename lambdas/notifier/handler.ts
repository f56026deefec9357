import type { Event } from '../contracts/events.ts';
import { type EventName, eventType } from '../contracts/names.ts';
import type { Draft } from '../runtime/drafts.ts';
import { allTried } from './all-tried.ts';
import { deliver } from './delivery.ts';
import type { Asking, Dependencies } from './notice.ts';
import { type Links, requestedNotice, settingsNotices, standingNotice } from './notices.ts';

export interface Services extends Dependencies, Links {}

/** Sends the SMS or e-mail that was asked for, and tells how it ended. */
export async function sendNotice(event: Event<'action.requested'>, services: Services): Promise<Draft<'action.completed'>> {
  const { actionId } = event.data;
  const { outcome, detail } = await deliver(requestedNotice(event, services), services);
  return { name: 'action.completed', data: { actionId, outcome, detail }, sibling: actionId };
}

/** Tells the player that the settings changed, on the channels that were in force before. */
export async function tellSettings(event: Event<'settings.changed'>, services: Services): Promise<void> {
  await allTried(settingsNotices(event).map((notice) => deliver(notice, services)));
}

/** Tells the player that the account was locked or unlocked. */
export async function tellStanding(event: Event<'account.standing_changed'>, services: Services): Promise<void> {
  await deliver(standingNotice(event), services);
}

/** Keeps its own copy of an account's contact, and sends what has waited for one. */
export async function keepContact({ subject, data, time }: Event<'contact.changed'>, services: Services): Promise<Draft<'action.completed'>[]> {
  await services.contacts.keep(subject, { ...data, since: new Date(time).toISOString() });
  const waiting = await services.sentLog.waiting(subject, services.now());
  const completed = await allTried(waiting.map((event) => answer(event, services)));
  return completed.filter((draft) => draft !== undefined);
}

/** Does what an event asks for. */
async function answer(event: Asking, services: Services): Promise<Draft<'action.completed'> | undefined> {
  if (isA('action.requested', event)) return sendNotice(event, services);
  if (isA('settings.changed', event)) await tellSettings(event, services);
  else await tellStanding(event, services);
  return undefined;
}

const isA = <N extends EventName>(name: N, event: Asking): event is Extract<Asking, Event<N>> => event.type === eventType(name);

import type { Event } from '../contracts/events.ts';
import { eventType } from '../contracts/names.ts';
import type { Draft } from '../runtime/drafts.ts';
import { hashId } from '../runtime/ids.ts';
import type { ChannelName } from '../contracts/primitives.ts';
import { type Asking, type Dependencies, deliver } from './delivery.ts';
import { channelsOf, noticeText, settingsText } from './words.ts';

export type Services = Dependencies;

/** Sends the SMS or e-mail that was asked for, and tells how it ended. */
export async function sendNotice(event: Event<'action.requested'>, services: Services): Promise<Draft<'action.completed'>> {
  const { actionId, response, staleAfter, triggers, country } = event.data;
  const { outcome, detail } = await deliver(
    {
      accountId: event.subject,
      actionId,
      channel: response as ChannelName,
      staleAfter,
      triggers,
      country,
      words: (contact) => noticeText(event.data, contact),
      askedBy: event,
    },
    services,
  );
  return { name: 'action.completed', data: { actionId, outcome, detail }, sibling: actionId };
}

/** Tells the player that the settings changed, on the channels that were in force before. */
export async function tellSettings(event: Event<'settings.changed'>, services: Services): Promise<void> {
  const { subject, data, time } = event;
  const staleAfter = new Date(Date.parse(time) + 7 * 86_400_000).toISOString();
  const told = await Promise.allSettled(
    channelsOf(data.previous).map((channel) => {
      const actionId = hashId(subject, 'settings.changed', String(data.version), channel);
      const words = (contact: Parameters<typeof settingsText>[1]) => settingsText(data, contact);
      return deliver({ accountId: subject, actionId, channel, staleAfter, triggers: [], country: null, words, askedBy: event }, services);
    }),
  );
  // All are tried before one that failed makes the event come back.
  for (const each of told) if (each.status === 'rejected') throw each.reason;
}

/** Keeps its own copy of an account's contact, and sends what has waited for one. */
export async function keepContact({ subject, data, time }: Event<'contact.changed'>, services: Services): Promise<Draft<'action.completed'>[]> {
  await services.contacts.keep(subject, { ...data, since: new Date(time).toISOString() });
  const waiting = await services.sentLog.waiting(subject, services.now());
  const completed = await Promise.all(waiting.map((event) => (isNotice(event) ? sendNotice(event, services) : tellSettings(event, services))));
  return completed.filter((draft) => draft !== undefined);
}

const isNotice = (event: Asking): event is Event<'action.requested'> => event.type === eventType('action.requested');

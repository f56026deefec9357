import type { Event } from '../contracts/events.ts';
import type { Draft } from '../runtime/drafts.ts';
import { hashId } from '../runtime/ids.ts';
import type { ChannelName } from './channels.ts';
import { type Dependencies, deliver } from './delivery.ts';
import { channelsOf, noticeText, settingsText } from './words.ts';

export type Services = Dependencies;

/** Sends the SMS or e-mail that was asked for, and tells how it ended. */
export async function sendNotice({ subject, data }: Event<'action.requested'>, services: Services): Promise<Draft<'action.completed'>> {
  const { actionId, response, staleAfter, triggers, country } = data;
  const ended = await deliver(
    {
      accountId: subject,
      actionId,
      channel: response as ChannelName,
      staleAfter,
      triggers,
      country,
      words: (contact) => noticeText(data, contact),
    },
    services,
  );
  return { name: 'action.completed', data: { actionId, ...ended } };
}

/** Tells the player that the settings changed, on the channels that were in force before. */
export async function tellSettings({ subject, data, time }: Event<'settings.changed'>, services: Services): Promise<void> {
  const staleAfter = new Date(Date.parse(time) + 7 * 86_400_000).toISOString();
  for (const channel of channelsOf(data.previous)) {
    const actionId = hashId(subject, 'settings.changed', String(data.version), channel);
    const words = (contact: Parameters<typeof settingsText>[1]) => settingsText(data, contact);
    await deliver({ accountId: subject, actionId, channel, staleAfter, triggers: [], country: null, words }, services);
  }
}

/** Keeps its own copy of an account's contact. */
export async function keepContact({ subject, data, time }: Event<'contact.changed'>, { contacts }: Services): Promise<void> {
  await contacts.keep(subject, { ...data, since: new Date(time).toISOString() });
}

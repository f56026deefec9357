import type { Event } from '../contracts/events.ts';
import type { ChannelName } from '../contracts/primitives.ts';
import { isLocked } from '../contracts/standing.ts';
import type { Contact, Contacts } from '../runtime/contacts.ts';
import { type Accounts, trustedContact } from './accounts.ts';
import { codeMinutes } from './challenges.ts';
import type { Limits } from './limits.ts';
import { type Recipient, type Sending, sendCode } from './sending.ts';

/** What the consumer of account-unlock depends on. */
export interface Services extends Sending {
  readonly contacts: Contacts;
  readonly accounts: Accounts;
  readonly limits: Limits;
}

/** Sends a code that was asked for: once, within the limits, and only to a contact that was in force long enough. */
export async function answerAsking(event: Event<'challenge.requested'>, services: Services): Promise<void> {
  const { subject: accountId, data } = event;
  const { challenges, contacts, accounts, telemetry, now } = services;
  // Whoever asked so long ago does not wait any more.
  if (now().getTime() - Date.parse(data.requestedAt) > codeMinutes * 60_000) return;
  if (await challenges.isClaimed(data.challenge)) return;
  const standing = await accounts.standing(accountId);
  const contact = trustedContact(await contacts.versions(accountId), standing, now());
  if (!contact || addressOf(contact, data.channel) === undefined) return telemetry.count('CodeNoContact');
  if (!(await isWithinLimits(event, services))) return telemetry.count('CodeLimited');
  const recipient = await payableRecipient(data.channel, contact, services);
  if (!recipient) return telemetry.count('CodeLimited');
  const purpose = data.asker === 'public' || isLocked(standing) ? 'unlock' : 'step_up';
  await sendCode({ ...data, accountId, ...recipient, locale: contact.locale, purpose }, services);
}

const addressOf = ({ email, phone }: Contact, channel: ChannelName): string | undefined => (channel === 'sms' ? phone : email);

/** The network is counted first: one that is past its limit uses up nothing of an account's. */
async function isWithinLimits({ subject, data }: Event<'challenge.requested'>, { limits, now }: Services): Promise<boolean> {
  const asked = { challenge: data.challenge, asker: data.asker, network: data.network, at: now().toISOString() };
  if (data.network !== undefined && !(await limits.countForNetwork(data.network, asked))) return false;
  return limits.countForAccount(subject, asked);
}

/** Past what the deployment sends by SMS in a day, a code goes by e-mail to whoever has one. */
async function payableRecipient(asked: ChannelName, contact: Contact, { limits, now }: Services): Promise<Recipient | undefined> {
  const channel = asked === 'sms' && !(await limits.takeSms(now())) ? 'email' : asked;
  const to = addressOf(contact, channel);
  return to === undefined ? undefined : { channel, to };
}

/** Keeps its own copy of an account's contact. */
export async function keepContact({ subject, data, time }: Event<'contact.changed'>, { contacts }: Services): Promise<void> {
  await contacts.keep(subject, { ...data, since: new Date(time).toISOString() });
}

/** Keeps whether an account is locked, and since when. */
export async function keepStanding({ subject, data }: Event<'account.standing_changed'>, { accounts }: Services): Promise<void> {
  await accounts.keep(subject, data);
}

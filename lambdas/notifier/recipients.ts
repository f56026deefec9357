import type { ChannelName } from '../contracts/primitives.ts';
import type { Contact } from '../runtime/contacts.ts';

/** Where a notice goes, and the contact whose language and time zone it is in. */
export interface Recipient {
  readonly channel: ChannelName;
  readonly to: string;
  readonly contact: Contact;
}

/** After a contact change notices go to the old and the new one for so many days, counted from the new one's `since`. */
const bothDays = 7;

/**
 * The distinct addresses that a notice goes to: those of the first channel that any contact has an address of.
 *
 * @param versions an account's contacts, newest first
 */
export function recipientsOf(versions: readonly Contact[], channels: readonly ChannelName[], now: Date): Recipient[] {
  const contacts = versions.filter((_, index) => {
    const successor = versions[index - 1];
    return !successor || now.getTime() < Date.parse(successor.since) + bothDays * 86_400_000;
  });
  for (const channel of channels) {
    const recipients = contacts.flatMap((contact) => {
      const to = channel === 'sms' ? contact.phone : contact.email;
      return to === undefined ? [] : [{ channel, to, contact }];
    });
    if (recipients.length > 0) return recipients.filter(({ to }, index) => recipients.findIndex((each) => each.to === to) === index);
  }
  return [];
}

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
/** Of the addresses that were replaced in these days the oldest so many get notices. */
const mostReplaced = 2;

/**
 * The distinct addresses that a notice goes to: of each contact the address of the first channel that it has one of. Whoever takes an
 * address away, or chooses a channel that a contact lacks, silences nobody.
 *
 * Of a channel at most three addresses get notices, whatever asks for them: the newest, and the oldest two. So many changes of contact
 * make no flood, and do not push out the contact that was in force before the first of them.
 *
 * @param versions an account's contacts, newest first
 * @param channels the order in which they are preferred
 */
export function recipientsOf(versions: readonly Contact[], channels: readonly ChannelName[], now: Date): Recipient[] {
  const contacts = versions.filter((_, index) => {
    const successor = versions[index - 1];
    return !successor || now.getTime() < Date.parse(successor.since) + bothDays * 86_400_000;
  });
  const reached = { email: reachedOn('email', contacts), sms: reachedOn('sms', contacts) };
  const recipients = contacts.flatMap((contact) => {
    const addresses = channels.map((channel) => ({ channel, to: addressOf(contact, channel), contact }));
    const chosen = addresses.find((each): each is Recipient => each.to !== undefined);
    return chosen && reached[chosen.channel].has(chosen.to) ? [chosen] : [];
  });
  return recipients.filter(({ to }, index) => recipients.findIndex((each) => each.to === to) === index);
}

const addressOf = ({ email, phone }: Contact, channel: ChannelName): string | undefined => (channel === 'sms' ? phone : email);

/** The addresses of a channel that get notices. Which are the oldest goes by when each was first in force: it does not help to set one again. */
function reachedOn(channel: ChannelName, contacts: readonly Contact[]): Set<string> {
  const addresses = contacts.map((contact) => addressOf(contact, channel)).filter((address) => address !== undefined);
  const newest = addresses.slice(0, 1);
  const replaced = new Set(addresses.toReversed().filter((address) => !newest.includes(address)));
  return new Set([...newest, ...[...replaced].slice(0, mostReplaced)]);
}

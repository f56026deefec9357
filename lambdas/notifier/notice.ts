import type { NoticeCaps } from '../contracts/actions.ts';
import type { Event } from '../contracts/events.ts';
import type { ChannelName, Trigger } from '../contracts/primitives.ts';
import type { Channels } from '../runtime/channels.ts';
import type { Contact, Contacts } from '../runtime/contacts.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import type { SentLog } from './sent-log.ts';
import type { Words } from './words.ts';

/** What sending depends on. */
export interface Dependencies {
  readonly contacts: Contacts;
  readonly sentLog: SentLog;
  readonly channels: Channels;
  readonly caps: NoticeCaps;
  readonly telemetry: Pick<Telemetry, 'count' | 'zero' | 'error'>;
  readonly now: () => Date;
  /** Lets some time pass while another sends. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
  /** A word that nobody else has. */
  readonly newWord: () => string;
}

/** An event that asks for notices. */
export type Asking = Event<'action.requested'> | Event<'settings.changed'> | Event<'account.standing_changed'>;

/** What goes out in place of a notice, and what is said of that. */
export interface InPlace {
  readonly notice: Notice;
  readonly detail: string;
}

/** One message to one player, under an id that makes sending it twice detectable. */
export interface Notice {
  readonly accountId: string;
  readonly actionId: string;
  /** What it tells, whatever asked for it and on whatever channel: of several notices with the same an address gets one. */
  readonly topic: string;
  /** For each contact it goes out on the first of them that this contact has an address of. */
  readonly channels: readonly ChannelName[];
  readonly triggers: readonly Trigger[];
  readonly country: string | null;
  /** In a contact's language and time zone. When this fails, nothing has been claimed or sent. */
  readonly words: (contact: Contact) => Words | Promise<Words>;
  /** What goes out in its place past the cap of a channel. On a channel that is not named here no cap counts. */
  readonly pastCap?: Partial<Readonly<Record<ChannelName, InPlace>>>;
}

/** A notice that an event asks for. */
export interface AskedNotice extends Notice {
  readonly staleAfter: string;
  /** What goes out in its place when it is stale, until a moment, and what is said of that. */
  readonly whenStale?: (InPlace & { readonly until: string }) | undefined;
  /** What asked for it, kept while the account has no contact. */
  readonly askedBy: Asking;
}

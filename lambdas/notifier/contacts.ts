import type { EventData } from '../contracts/events.ts';

/** An account's contact, in force since its event's `time`. */
export interface Contact extends EventData<'contact.changed'> {
  readonly since: string;
}

/** The notifier's own copy of contacts. */
export interface Contacts {
  /** Keeps a contact whole; of two the later `since` wins, whatever order they arrive in. */
  keep(accountId: string, contact: Contact): Promise<void>;
  current(accountId: string): Promise<Contact | undefined>;
}

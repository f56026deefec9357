import type { EventData } from '../contracts/events.ts';

/** An account's contact, in force since its event's `time`. */
export interface Contact extends EventData<'contact.changed'> {
  readonly since: string;
}

/** The notifier's own copy of contacts. */
export interface Contacts {
  /**
   * Keeps a contact whole; of two the later `since` wins, whatever order they arrive in, and of two with the same the first. The one
   * before stays for some days.
   */
  keep(accountId: string, contact: Contact): Promise<void>;
  /** Strongly consistent. */
  current(accountId: string): Promise<Contact | undefined>;
}

import type { DatabaseSync } from 'node:sqlite';

/** A message that would have gone out to a player. */
export interface OutgoingMessage {
  readonly accountId: string;
  readonly channel: string;
  readonly to: string;
  readonly text: string;
  /** RFC 3339. */
  readonly sentAt: string;
  readonly actionId: string;
  readonly triggers: readonly string[];
  readonly country: string | null;
}

/** What the notifier says of a message beside it: an e-mail's header, an SMS's attribute. */
export type MessageContext = Pick<OutgoingMessage, 'accountId' | 'actionId' | 'triggers' | 'country'>;

/** Keeps what SES and SNS would have sent. */
export interface Outbox {
  add(message: OutgoingMessage): void;
  /** Newest first; of one account, or of all. */
  list(accountId?: string): OutgoingMessage[];
}

/** Opens the outbox in the local run's database. */
export function openOutbox(database: DatabaseSync): Outbox {
  database.exec('CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, accountId TEXT NOT NULL, message TEXT NOT NULL) STRICT');
  database.exec('CREATE INDEX IF NOT EXISTS outbox_by_account ON outbox (accountId, id)');
  const insert = database.prepare('INSERT INTO outbox (accountId, message) VALUES (?, ?)');
  const select = database.prepare('SELECT message FROM outbox WHERE ?1 IS NULL OR accountId = ?1 ORDER BY id DESC');
  return {
    add: (message) => {
      insert.run(message.accountId, JSON.stringify(message));
    },
    list: (accountId) =>
      (select.all(accountId ?? null) as { message: string }[]).map(({ message }) => JSON.parse(message) as OutgoingMessage),
  };
}

/** Reads the context that the notifier put beside a message. */
export const readContext = (encoded: string | undefined): MessageContext => {
  if (encoded === undefined) throw new Error('A message without its context went out.');
  return JSON.parse(Buffer.from(encoded, 'base64url').toString()) as MessageContext;
};

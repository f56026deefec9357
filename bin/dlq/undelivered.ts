import { z } from 'zod';

/** What could not be delivered, as one bus keeps it. Each command says what it finds and does. */
export interface Undelivered {
  list(): Promise<void>;
  show(name: string): Promise<void>;
  redrive(name: string): Promise<void>;
  restore(subscription: string): Promise<void>;
}

/** Writes a line for the operator. */
export type Say = (line: string) => void;

const eventOf = z.object({ id: z.string(), type: z.string() });

/** An event's type and id, and nothing else: what it carries is a player's. */
export function describe(body: string): string {
  try {
    const { id, type } = eventOf.parse(JSON.parse(body));
    return `${type}\t${id}`;
  } catch {
    return 'not an event\t-';
  }
}

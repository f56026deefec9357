import { z } from 'zod';
import { toldId } from '../../lambdas/runtime/event-log.ts';

/** What could not be delivered, as one bus keeps it. */
export interface Undelivered {
  /** How much lies where. */
  list(): Promise<Pile[]>;
  /** What lies there, up to so many; it stays. */
  look(where: Where, choice: Choice, max: number): Promise<Found[]>;
  /** Gives it back to whom it belongs to. @returns what the operator is told at the end, a line each */
  redrive(name: string, choice: Choice): Promise<string[]>;
  /** Gives back the events of a subscription that waited too long. @returns as `redrive` */
  restore(subscription: string, choice: Choice): Promise<string[]>;
  /** Removes it for good, a few at a time. @param record is told of each few before they go */
  discard(where: Where, choice: Choice, record: (some: readonly Found[]) => void): Promise<void>;
}

/** What lies in one place. */
export interface Pile {
  /** By which commands know it. */
  readonly name: string;
  readonly count: number;
  /** `parked`; `put aside`: events of a subscription that waited too long. */
  readonly what: string;
  /** Since when the oldest lies there, epoch milliseconds, as far as one look tells. */
  readonly oldest?: number | undefined;
}

/** One place: what was parked of a service or subscription, or what of a subscription was put aside. */
export interface Where {
  readonly name: string;
  readonly isAside: boolean;
}

/** An event that lies there. What it carries is a player's, and is not told. */
export interface Found {
  /** Of the event when it is a UUID, otherwise of the message or record that it came in. By it a command chooses the event. */
  readonly id: string;
  readonly type: string;
  readonly reason: string;
}

/** Which events are meant; without both, all. */
export interface Choice {
  readonly id?: string | undefined;
  readonly type?: string | undefined;
}

export const isWhole = ({ id, type }: Choice): boolean => id === undefined && type === undefined;
export const isChosen = (found: Found, { id, type }: Choice): boolean => (id === undefined || found.id === id) && (type === undefined || found.type === type);

/** Tells of work that takes long: how much is done, of how much. */
export type Progress = (done: number, all: number) => void;

/** Types as they are declared: whatever else stands in their place may be anything, and stays untold. */
const eventOf = z.object({ type: z.string().regex(/^[a-z][a-z0-9_.-]{0,127}$/), id: z.unknown() });

/** What is told of an event. @param ownId of the message or record that holds it */
export function foundIn(body: string, ownId: string, reason: string): Found {
  try {
    const { id, type } = eventOf.parse(JSON.parse(body));
    return { id: toldId(id) ?? ownId, type, reason };
  } catch {
    return { id: ownId, type: 'not an event', reason };
  }
}

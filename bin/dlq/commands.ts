import { spanOf, tableOf } from '../table.ts';
import type { Choice, Found, Undelivered, Where } from './undelivered.ts';

/** What an operator may add to a command. */
export interface Options extends Choice {
  /** Of what was put aside, rather than of what was parked. */
  readonly isAside?: boolean;
  /** Says what would be done, and does nothing. */
  readonly isDryRun?: boolean;
  /** Shows an endpoint's own words, too, which may repeat what it was sent. */
  readonly showsWords?: boolean;
}

/** What was discarded, and why: a line of the record. */
export interface Discarded {
  readonly discardedAt: string;
  readonly env: string;
  readonly from: string;
  readonly reason: string;
  readonly events: readonly Found[];
}

interface Parts {
  readonly undelivered: Undelivered;
  readonly env: string;
  readonly now: () => Date;
  /** Writes a line for the operator. */
  readonly say: (line: string) => void;
  /** Asks the operator. @returns whether to go on */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Keeps a record of what was discarded. @returns where */
  readonly keep: (discarded: Discarded) => string;
}

/** How many events `show` shows. */
const maxShown = 100;

/** The commands, as operators see them. */
export function commandsOf({ undelivered, env, now, say, confirm, keep }: Parts) {
  const everything = Number.POSITIVE_INFINITY;

  async function wouldDo(what: string, where: Where, choice: Choice): Promise<void> {
    const found = await undelivered.look(where, choice, everything);
    say(`Would ${what} ${found.length} ${found.length === 1 ? 'event' : 'events'} of ${where.name}.`);
    const kinds = Map.groupBy(found, ({ type, reason }) => JSON.stringify([type, toldReason(reason)]));
    const rows = [...kinds].map(([kind, some]) => [String(some.length), ...(JSON.parse(kind) as string[])]);
    if (rows.length > 0) for (const line of tableOf(['events', 'type', 'reason'], rows)) say(line);
  }

  return {
    list: async (): Promise<void> => {
      const piles = await undelivered.list();
      const rows = piles.map(({ name, count, what, oldest }) => [name, String(count), what, oldest === undefined ? '' : spanOf(now().getTime() - oldest)]);
      for (const line of tableOf(['name', 'count', 'what', 'oldest'], rows)) say(line);
    },

    show: async (name: string, { isAside = false, showsWords = false, ...choice }: Options = {}): Promise<void> => {
      const found = await undelivered.look({ name, isAside }, choice, maxShown + 1);
      if (found.length === 0) {
        say('Nothing lies there.');
        return;
      }
      const rows = found.slice(0, maxShown).map(({ type, id, reason }) => [type, id, showsWords ? reason : toldReason(reason)]);
      for (const line of tableOf(['type', 'id', 'reason'], rows)) say(line);
      if (found.length > maxShown) say('… and more');
    },

    redrive: async (name: string, { isDryRun = false, ...choice }: Options = {}): Promise<void> => {
      if (isDryRun) return wouldDo('give back', { name, isAside: false }, choice);
      for (const line of await undelivered.redrive(name, choice)) say(toldReason(line));
    },

    restore: async (subscription: string, { isDryRun = false, ...choice }: Options = {}): Promise<void> => {
      if (isDryRun) return wouldDo('give back', { name: subscription, isAside: true }, choice);
      for (const line of await undelivered.restore(subscription, choice)) say(toldReason(line));
    },

    discard: async (name: string, reason: string, { isDryRun = false, isAside = false, ...choice }: Options = {}): Promise<void> => {
      const where = { name, isAside };
      if (isDryRun) return wouldDo('discard', where, choice);
      if (!(await confirm(`Discard what is meant of ${name}, for good?`))) {
        say('Nothing was discarded.');
        return;
      }
      let count = 0;
      let kept = '';
      await undelivered.discard(where, choice, (some) => {
        const events = some.map((each) => ({ ...each, reason: toldReason(each.reason) }));
        const discarded: Discarded = { discardedAt: now().toISOString(), env, from: name, reason, events };
        kept = keep(discarded);
        say(JSON.stringify(discarded));
        count += some.length;
      });
      say(`${count} ${count === 1 ? 'event' : 'events'} of ${name} discarded.${count > 0 ? ` The record is kept in ${kept}.` : ''}`);
    },
  };
}

/** A reason without the words of an endpoint, which may repeat what it was sent. */
const toldReason = (reason: string): string => reason.replace(/(\bstatus \d{3}): .+/s, '$1, with words of the endpoint (show --words)');

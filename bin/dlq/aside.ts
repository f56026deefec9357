import { createHash } from 'node:crypto';
import { z } from 'zod';
import { expiredFolder, expiredPrefix } from '../../lambdas/contracts/names.ts';
import type { Objects } from './objects.ts';
import { type Choice, foundIn, isChosen, type Found, type Pile, type Progress } from './undelivered.ts';

/** What else is kept beside an event goes back as it is. */
const heldEvents = z.array(z.looseObject({ body: z.string(), heldSince: z.string().optional() }));

/** An event that waited too long, with what is told of it. */
interface Aside {
  readonly found: Found;
  readonly body: string;
}

/** A name of an event's own that stays when others of its batch go. */
const ownIdOf = (key: string, body: string): string => `${key.split('/').at(-1)}#${createHash('sha256').update(body).digest('hex').slice(0, 12)}`;

/** On SNS: batches of events that waited too long for an endpoint, in the bucket of the http-bridge. */
export function asideIn(objects: Objects) {
  return {
    list: async (): Promise<Pile[]> => {
      const bySubscription = Map.groupBy(await objects.below(expiredFolder), ({ key }) => key.split('/')[1] ?? '');
      return [...bySubscription].map(([name, some]) => ({
        name,
        count: some.length,
        what: 'batches put aside',
        oldest: Math.min(...some.map(({ modifiedAt }) => modifiedAt)),
      }));
    },

    /** Goes through a subscription's events, a batch at a time. What is `taken` is removed; what is not meant stays. */
    each: async (subscription: string, choice: Choice, take: (events: Aside[]) => Promise<'taken' | 'left'>, progress: Progress): Promise<void> => {
      const batches = await objects.below(expiredPrefix(subscription));
      for (const [index, { key }] of batches.entries()) {
        const events = heldEvents.parse(JSON.parse(await objects.read(key))).map((event) => ({
          event,
          found: foundIn(event.body, ownIdOf(key, event.body), event.heldSince === undefined ? 'waited too long' : `waited too long, since ${event.heldSince}`),
        }));
        const meant = events.filter(({ found }) => isChosen(found, choice));
        if (meant.length > 0 && (await take(meant.map(({ event, found }) => ({ found, body: event.body })))) === 'taken') {
          const rest = events.filter((each) => !meant.includes(each)).map(({ event }) => event);
          if (rest.length === 0) await objects.remove(key);
          else await objects.write(key, JSON.stringify(rest));
        }
        progress(index + 1, batches.length);
      }
    },
  };
}

import * as z from 'zod/mini';
import { instant, outcome, response, trigger, unlocatedReason } from './primitives.ts';
import { problem } from './problem.ts';

/** The answer to a batch of logins or events. */
export const publishResults = z.object({
  results: z.array(
    z.object({ index: z.int(), status: z.int(), id: z.optional(z.string()), problem: z.optional(problem) }),
  ),
});
export type PublishResults = z.infer<typeof publishResults>;

/** A login in the history. */
export const historyItem = z.object({
  id: z.string(),
  ip: z.string(),
  country: z.nullable(z.string()),
  unlocatedReason: z.optional(unlocatedReason),
  occurredAt: instant,
  outcome,
  product: z.optional(z.string()),
  sessionId: z.optional(z.string()),
  device: z.optional(z.object({ id: z.optional(z.string()), userAgent: z.optional(z.string()) })),
  /** How many failures this row stands for, past the first 20 of a minute. */
  count: z.optional(z.int()),
  /** When the player said that it was not theirs, or that it was. */
  disputedAt: z.optional(instant),
  confirmedAt: z.optional(instant),
  verdict: z.optional(
    z.object({
      triggers: z.array(trigger),
      responses: z.array(response),
      actions: z.optional(z.array(z.object({ response, outcome: z.optional(z.string()) }))),
    }),
  ),
});
export type HistoryItem = z.infer<typeof historyItem>;

/** A page of the history, newest first. */
export const historyPage = z.object({ items: z.array(historyItem), cursor: z.nullable(z.string()) });

/** The answer to asking for a code, the same whether or not one goes out. */
export const challengeAsked = z.object({ challengeId: z.string() });
/** The answer to a right code; to every other it is the problem `invalid-code`. */
export const challengeVerified = z.object({ verified: z.literal(true) });

/** The answer to a dispute; the account is being locked. */
export const disputedLogin = z.object({ id: z.string(), disputedAt: instant });
/** The answer to a confirmation. */
export const confirmedLogin = z.object({ id: z.string(), confirmedAt: instant });
/** The answer to an erasure, which every service is told of. */
export const erasureAccepted = z.object({ id: z.string(), erasedAt: instant });

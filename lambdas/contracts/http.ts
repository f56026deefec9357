import * as z from 'zod/mini';
import { accountId, address, channel, device, freeText, instant, label, outcome, response, trigger, unlocatedReason } from './primitives.ts';
import { problem } from './problem.ts';

/** One login as a login server posts it. */
export const loginBody = z.strictObject({
  accountId,
  ip: address,
  occurredAt: z.optional(instant),
  id: z.optional(label),
  outcome: z.optional(outcome),
  product: z.optional(label),
  sessionId: z.optional(label),
  device: z.optional(device),
});
export type LoginBody = z.infer<typeof loginBody>;

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

/** Query parameters of every list. */
export const pageQuery = z.strictObject({
  limit: z._default(z.string().check(z.regex(/^([1-9]\d?|100)$/, 'must be a whole number from 1 to 100')), '20'),
  cursor: z.optional(z.string().check(z.minLength(1), z.maxLength(1024))),
});
export type PageQuery = z.infer<typeof pageQuery>;

/** Query parameters of the link in a notice. */
export const linkQuery = z.strictObject({ token: z.string().check(z.minLength(1), z.maxLength(1024)) });

/** What a login server asks after the password was right. */
export const accessCheckBody = z.strictObject({ accountId, ip: address });

/** Why support lifts a lock; kept for the audit. */
export const supportUnlockBody = z.strictObject({ reason: freeText(1, 512) });

/** A player asks for a code. */
export const challengeBody = z.strictObject({ channel });
/** Anyone asks for a code that unlocks an account. */
export const unlockChallengeBody = z.strictObject({ accountId, channel });
/** A code is answered. */
export const verifyBody = z.strictObject({ challengeId: z.string().check(z.minLength(1), z.maxLength(128)), code: z.string().check(z.minLength(1), z.maxLength(64)) });

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

/** A loginId as a path parameter. */
export const loginIdParameter = z.uuid();

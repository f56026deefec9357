import * as z from 'zod/mini';
import { address } from './places.ts';
import { accountId, channel, device, freeText, instant, label, outcome } from './primitives.ts';

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

/** A loginId as a path parameter. */
export const loginIdParameter = z.uuid();

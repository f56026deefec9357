import * as z from 'zod';
import { accountId, address, channel, device, freeText, instant, label, outcome, response, trigger, unlocatedReason } from './primitives.ts';
import { problem } from './problem.ts';

const days = 86_400_000;

/** How long a login stays in the history, and how far back one may be posted, in days. */
export const retentionDays = 90;
/** How far a login may lie ahead of the server's clock, in minutes. */
export const aheadMinutes = 5;

/** One login as a login server posts it. */
export const loginBody = z
  .strictObject({
    accountId,
    ip: address,
    occurredAt: instant.optional(),
    id: label.optional(),
    outcome: outcome.optional(),
    product: label.optional(),
    sessionId: label.optional(),
    device: device.optional(),
  })
  .meta({ id: 'Login' });
export type LoginBody = z.infer<typeof loginBody>;

/** Whether a login of that moment is taken: from 90 days back to 5 minutes ahead. */
export function isWithinWindow(occurredAt: string, now: Date): boolean {
  const age = now.getTime() - Date.parse(occurredAt);
  return age <= retentionDays * days && age >= -aheadMinutes * 60_000;
}

/** The answer to a batch of logins or events. */
export const publishResults = z
  .object({
    results: z.array(
      z.object({ index: z.int(), status: z.int(), id: z.string().optional(), problem: problem.optional() }),
    ),
  })
  .meta({ id: 'PublishResults' });
export type PublishResults = z.infer<typeof publishResults>;

/** A login in the history. */
export const historyItem = z
  .object({
    id: z.string(),
    ip: z.string(),
    country: z.string().nullable(),
    unlocatedReason: unlocatedReason.optional(),
    occurredAt: instant,
    outcome,
    product: z.string().optional(),
    sessionId: z.string().optional(),
    device: z.object({ id: z.string().optional(), userAgent: z.string().optional() }).optional(),
    /** How many failures this row stands for, past the first 20 of a minute. */
    count: z.int().optional(),
    /** When the player said that it was not theirs, or that it was. */
    disputedAt: instant.optional(),
    confirmedAt: instant.optional(),
    verdict: z
      .object({
        triggers: z.array(trigger),
        responses: z.array(response),
        actions: z.array(z.object({ response, outcome: z.string().optional() })).optional(),
      })
      .optional(),
  })
  .meta({ id: 'HistoryItem' });
export type HistoryItem = z.infer<typeof historyItem>;

/** A page of the history, newest first. */
export const historyPage = z
  .object({ items: z.array(historyItem), cursor: z.string().nullable() })
  .meta({ id: 'HistoryPage' });

/** Query parameters of every list. */
export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, 'must be a whole number from 1 to 100')
    .default('20'),
  cursor: z.string().min(1).max(1024).optional(),
});
export type PageQuery = z.infer<typeof pageQuery>;

/** Query parameters of the link in a notice. */
export const linkQuery = z.strictObject({ token: z.string().min(1).max(1024) });

/** What a login server asks after the password was right. */
export const accessCheckBody = z.strictObject({ accountId, ip: address }).meta({ id: 'AccessCheck' });

/** Why support lifts a lock; kept for the audit. */
export const supportUnlockBody = z.strictObject({ reason: freeText(1, 512) }).meta({ id: 'SupportUnlock' });

/** A player asks for a code. */
export const challengeBody = z.strictObject({ channel }).meta({ id: 'ChallengeBody' });
/** Anyone asks for a code that unlocks an account. */
export const unlockChallengeBody = z.strictObject({ accountId, channel }).meta({ id: 'UnlockChallengeBody' });
/** A code is answered. */
export const verifyBody = z.strictObject({ challengeId: z.string().min(1).max(128), code: z.string().min(1).max(64) }).meta({ id: 'ChallengeAnswer' });

/** The answer to asking for a code, the same whether or not one goes out. */
export const challengeAsked = z.object({ challengeId: z.string() }).meta({ id: 'ChallengeAsked' });
/** The answer to a right code; to every other it is the problem `invalid-code`. */
export const challengeVerified = z.object({ verified: z.literal(true) }).meta({ id: 'ChallengeVerified' });

/** The answer to a dispute; the account is being locked. */
export const disputedLogin = z.object({ id: z.string(), disputedAt: instant }).meta({ id: 'DisputedLogin' });
/** The answer to a confirmation. */
export const confirmedLogin = z.object({ id: z.string(), confirmedAt: instant }).meta({ id: 'ConfirmedLogin' });
/** The answer to an erasure, which every service is told of. */
export const erasureAccepted = z.object({ id: z.string(), erasedAt: instant }).meta({ id: 'ErasureAccepted' });

/** A loginId as a path parameter. */
export const loginIdParameter = z.uuid();

import * as z from 'zod/mini';
import { lazily } from './lazily.ts';
import { accountId, instant, locatedCountry, unlocatedReason } from './primitives.ts';

/** Whether an account may be played. */
export const standingState = lazily(() => z.enum(['active', 'locked']));
export type StandingState = z.infer<ReturnType<typeof standingState>>;

/** Why: a login that led to a lock, a disputed login, an answered challenge, or support. */
export const standingReason = lazily(() => z.enum(['login', 'disputed', 'challenge', 'support']));
export type StandingReason = z.infer<ReturnType<typeof standingReason>>;

/** A change of standing, with the two maxima that it follows from. */
export const standingFacts = lazily(() =>
  z.object({
    state: standingState(),
    /** The moment of the lock or unlock. */
    since: instant,
    reason: standingReason(),
    /** The newest moment that locks: of a login that led to a lock, or of a dispute. */
    lockedAt: z.optional(instant),
    /** The newest moment that unlocks. */
    unlockedAt: z.optional(instant),
    /** The login that the newest lock goes back to. */
    loginId: z.optional(z.uuid()),
  }),
);

/** The two maxima that a standing follows from, by event time, whatever order they arrived in. */
export interface StandingMaxima {
  readonly lockedAt?: string | undefined;
  readonly unlockedAt?: string | undefined;
}

/** Locked if the newest moment that locks is newer than the newest that unlocks. */
export const isLocked = ({ lockedAt, unlockedAt }: StandingMaxima): boolean =>
  lockedAt !== undefined && (unlockedAt === undefined || Date.parse(lockedAt) > Date.parse(unlockedAt));

/** `GET /v1/accounts/{accountId}/standing` */
export const standing = lazily(() =>
  z.object({
    accountId,
    state: standingState(),
    abroad: z.enum(['allowed', 'blocked']),
    since: z.optional(instant),
    reason: z.optional(standingReason()),
  }),
);
export type Standing = z.infer<ReturnType<typeof standing>>;

/** Why play is denied. */
export const denialReason = lazily(() => z.enum(['locked', 'abroad', 'unlocated']));
export type DenialReason = z.infer<ReturnType<typeof denialReason>>;

/** The answer to `POST /v1/access-checks`. */
export const accessDecision = lazily(() =>
  z.object({
    decision: z.enum(['allow', 'deny']),
    /** Why play is denied; in the mode `observe`, why it would be. */
    reasons: z.array(denialReason()),
    country: z.nullable(locatedCountry),
    unlocatedReason: z.optional(unlocatedReason),
  }),
);
export type AccessDecision = z.infer<ReturnType<typeof accessDecision>>;

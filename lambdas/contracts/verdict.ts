import * as z from 'zod/mini';
import { lazily } from './lazily.ts';
import { address } from './places.ts';
import { freeText, instant, label, locatedCountry, outcome, response, text, trigger, unlocatedReason } from './primitives.ts';
import { trip } from './settings.ts';

/** The geo database that located a login. */
export const geoDatabase = lazily(() =>
  z.object({
    name: z.string().check(z.minLength(1), z.maxLength(256)),
    /** When the file was built, by its own metadata. */
    buildDate: instant,
  }),
);

/** A login as it travels in events. `loginId` is a UUIDv7 of `occurredAt`, so that it also orders. */
export const loginData = lazily(() =>
  z.object({
    loginId: z.uuid(),
    ip: address,
    occurredAt: instant,
    outcome,
    product: z.optional(label),
    sessionId: z.optional(label),
    device: z.optional(z.object({ id: z.optional(label), userAgent: z.optional(freeText(0, 512)) })),
  }),
);
export type LoginData = z.infer<ReturnType<typeof loginData>>;

/** A login with the country of its address, or the reason why it has none. */
export const locatedLoginData = lazily(() =>
  z.extend(loginData(), {
    country: z.nullable(locatedCountry),
    unlocatedReason: z.optional(unlocatedReason),
    geoDatabase: geoDatabase(),
  }),
);
export type LocatedLogin = z.infer<ReturnType<typeof locatedLoginData>>;

/** An earlier login, as far as a rule or a player needs it. */
export const earlierLogin = lazily(() =>
  z.object({
    loginId: z.uuid(),
    ip: address,
    country: locatedCountry,
    occurredAt: instant,
  }),
);
export type EarlierLogin = z.infer<ReturnType<typeof earlierLogin>>;

/** What the history says of a login and the time before it. As late logins and disputes arrive each fact only grows, or moves towards the login. */
export const historyFacts = lazily(() =>
  z.object({
    /** The newest successful, located login before this one. */
    previousLogin: z.optional(earlierLogin()),
    /** The newest successful login from the same country in the 90 days before this one. */
    earlierFromCountry: z.optional(earlierLogin()),
    /** Logins from the same country that the player disputed, and that vouch for it no more. */
    disputed: z.optional(z.array(z.uuid())),
    /** When the player said that this login was not theirs. */
    disputedAt: z.optional(instant),
  }),
);
export type HistoryFacts = z.infer<ReturnType<typeof historyFacts>>;

/** One rule of judgement: whether it held, and what it saw. */
export const rule = lazily(() =>
  z.object({
    rule: trigger,
    held: z.boolean(),
    saw: z.record(z.string(), z.unknown()),
    /** The same in words that a player understands. */
    text,
  }),
);
export type Rule = z.infer<ReturnType<typeof rule>>;

export const verdictAction = lazily(() => z.object({ actionId: z.string(), response }));
export type VerdictAction = z.infer<ReturnType<typeof verdictAction>>;

/** How an action ended. */
export const actionOutcome = lazily(() => z.enum(['done', 'failed', 'no_contact', 'stale', 'unknown']));
export type ActionOutcome = z.infer<ReturnType<typeof actionOutcome>>;

/** A verdict's receipt: every input of the judgement, what followed, and a digest over all but `actions`. */
export const verdict = lazily(() =>
  z.object({
    loginId: z.uuid(),
    triggers: z.array(trigger),
    responses: z.array(response),
    login: locatedLoginData(),
    previousLogin: z.nullable(earlierLogin()),
    earlierFromCountry: z.nullable(earlierLogin()),
    geoDatabase: geoDatabase(),
    /** When the player disputed it. */
    disputedAt: z.nullable(instant),
    settings: z.object({ homeCountries: z.array(z.string()), responses: z.record(z.string(), z.array(response)), trips: z.array(trip()) }),
    settingsVersion: z.int(),
    rules: z.array(rule()),
    /** What it comes to, in words that a player understands. */
    text,
    actions: z.array(z.extend(verdictAction(), { outcome: z.optional(actionOutcome()), detail: z.optional(z.string()), text })),
    digest: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)),
  }),
);
export type Verdict = z.infer<ReturnType<typeof verdict>>;

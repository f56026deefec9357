import * as z from 'zod';
import { type CloudEvent, envelope } from './cloud-event.ts';
import { type EventName, type EventType, eventNames, eventType } from './names.ts';
import { channel, country, instant, locale, locatedCountry, response, text, trigger } from './primitives.ts';
import { responsesByTrigger, trip } from './settings.ts';
import { standingFacts } from './standing.ts';
import { actionOutcome, historyFacts, locatedLoginData, loginData, verdictAction } from './verdict.ts';

const timeZone = z.string().max(64).refine(isTimeZone, 'must be a time zone of the IANA database, such as Asia/Seoul');

/** E.164: a plus sign and up to 15 digits. */
const phone = z.e164({ error: 'must be an E.164 number, such as +821012345678' });

/** SHA-256 in base64url. */
const digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** The data of each event type: the one place that says what an event carries. */
export const eventData = {
  /** A login was posted and accepted. */
  'login.submitted': loginData,
  /** The country of a login's address is known, or the reason why not. */
  'login.located': locatedLoginData,
  /** A notable login stands in the history. */
  'login.recorded': z.object({ login: locatedLoginData, history: historyFacts }),
  /** A login was judged; a late login may have it judged again, as the next revision. */
  'verdict.decided': z.object({
    loginId: z.uuid(),
    triggers: z.array(trigger),
    responses: z.array(response),
    actions: z.array(verdictAction),
    digest: z.string(),
    /** Counts up each time the login is judged anew; the highest stands. */
    revision: z.int().min(1),
  }),
  /** A response is to be carried out; doing it twice is detectable by `actionId`. */
  'action.requested': z.object({
    actionId: z.string().min(1).max(128),
    loginId: z.uuid(),
    response,
    triggers: z.array(trigger),
    country: locatedCountry.nullable(),
    occurredAt: instant,
    /** After this moment the action makes no sense any more. */
    staleAfter: instant,
    /** Until this moment a notice that is stale is told in a digest instead. */
    digestUntil: instant.optional(),
    text,
  }),
  /** An action ended. */
  'action.completed': z.object({
    actionId: z.string().min(1).max(128),
    outcome: actionOutcome,
    detail: z.string().max(1024).optional(),
  }),
  /** A player's settings or trips changed; `version` counts up for each account. */
  'settings.changed': z.object({
    version: z.number().int().min(1),
    since: instant,
    homeCountries: z.array(country).min(1),
    responses: responsesByTrigger,
    /** Trips that are not over. */
    trips: z.array(trip).default([]),
    /** What was in force before. */
    previous: z.object({ homeCountries: z.array(country).min(1), responses: responsesByTrigger, trips: z.array(trip).default([]) }),
  }),
  /** An account's contact, whole each time; of two the later `time` wins. */
  'contact.changed': z.object({
    email: z.email().max(254).optional(),
    phone: phone.optional(),
    locale: locale.optional(),
    timeZone: timeZone.optional(),
  }),
  /** An account has a new password. */
  'password.changed': z.object({ changedAt: instant }),
  /** An account was locked or unlocked. */
  'account.standing_changed': standingFacts,
  /** An account is to be forgotten: every service drops what it holds about it. */
  'account.erased': z.object({ erasedAt: instant }),
  /** A service has dropped what it held about an account. */
  'account.erasure_reported': z.object({ service: z.string(), items: z.int().min(0) }),
  /** Somebody asked for a one-time code; whether one goes out is decided where nobody waits for it. */
  'challenge.requested': z.object({
    /** SHA-256 of the challengeId, under which the challenge is kept. */
    challenge: digest,
    /** Another digest of the challengeId, which the code's digest is keyed with, and which is kept nowhere. */
    codeKey: digest,
    channel,
    /** Who asked: the signed-in player, or anyone. */
    asker: z.enum(['player', 'public']),
    /** Digest of the network that anyone asked from. */
    network: digest.optional(),
    requestedAt: instant,
  }),
  /** A code was answered: proof of more than the password. */
  'challenge.verified': z.object({
    challenge: digest,
    verifiedAt: instant,
    channel,
    /** Whether it lifts a lock, or proves the player for weakening protection. */
    purpose: z.enum(['unlock', 'step_up']),
    /** The login that led to the lock which it lifts. */
    loginId: z.uuid().optional(),
  }),
} as const satisfies Record<EventName, z.ZodObject>;

export type EventData<N extends EventName> = z.infer<(typeof eventData)[N]>;

/** An event of the product, by name: `Event<'login.located'>`. */
export type Event<N extends EventName = EventName> = N extends EventName ? CloudEvent<EventType<N>, EventData<N>> : never;

const schemaOf = <N extends EventName>(name: N) => envelope.extend({ type: z.literal(eventType(name)), data: eventData[name] });

/** Those that were asked for: a schema is compiled when it first parses, which takes as long as many events. */
const schemas = new Map<EventName, unknown>();

/** The schema of a whole event; unknown fields are ignored, as consumers must. */
export function eventSchema<N extends EventName>(name: N): ReturnType<typeof schemaOf<N>> {
  const schema = schemas.get(name) ?? schemaOf(name);
  schemas.set(name, schema);
  return schema as ReturnType<typeof schemaOf<N>>;
}

/** The short name of a type of ours, or nothing: `loginward.login.located.v1` is `login.located`. */
export function eventNameOf(type: string): EventName | undefined {
  return eventNames.find((name) => eventType(name) === type);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

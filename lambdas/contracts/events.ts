import * as z from 'zod/mini';
import { type CloudEvent, envelope } from './cloud-event.ts';
import { lazily } from './lazily.ts';
import { type EventName, type EventType, eventNames, eventType } from './names.ts';
import { country } from './places.ts';
import { channel, instant, locale, locatedCountry, response, text, trigger } from './primitives.ts';
import { responsesByTrigger, trip } from './settings.ts';
import { standingFacts } from './standing.ts';
import { actionOutcome, historyFacts, locatedLoginData, loginData, verdictAction } from './verdict.ts';

const timeZone = z.string().check(z.maxLength(64), z.refine(isTimeZone, 'must be a time zone of the IANA database, such as Asia/Seoul'));

/** E.164: a plus sign and up to 15 digits. */
const phone = z.e164({ error: 'must be an E.164 number, such as +821012345678' });

/** SHA-256 in base64url. */
const digest = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));

/** The schema of each event type's data: the one place that says what an event carries. */
export const eventData = {
  /** A login was posted and accepted. */
  'login.submitted': loginData,
  /** The country of a login's address is known, or the reason why not. */
  'login.located': locatedLoginData,
  /** A notable login stands in the history. */
  'login.recorded': lazily(() => z.object({ login: locatedLoginData(), history: historyFacts() })),
  /** A login was judged; a late login may have it judged again, as the next revision. */
  'verdict.decided': lazily(() =>
    z.object({
      loginId: z.uuid(),
      triggers: z.array(trigger),
      responses: z.array(response),
      actions: z.array(verdictAction()),
      digest: z.string(),
      /** Counts up each time the login is judged anew; the highest stands. */
      revision: z.int().check(z.minimum(1)),
    }),
  ),
  /** A response is to be carried out; doing it twice is detectable by `actionId`. */
  'action.requested': lazily(() =>
    z.object({
      actionId: z.string().check(z.minLength(1), z.maxLength(128)),
      loginId: z.uuid(),
      response,
      triggers: z.array(trigger),
      country: z.nullable(locatedCountry),
      occurredAt: instant,
      /** After this moment the action makes no sense any more. */
      staleAfter: instant,
      /** Until this moment a notice that is stale is told in a digest instead. */
      digestUntil: z.optional(instant),
      text,
    }),
  ),
  /** An action ended. */
  'action.completed': lazily(() =>
    z.object({
      actionId: z.string().check(z.minLength(1), z.maxLength(128)),
      outcome: actionOutcome(),
      detail: z.optional(z.string().check(z.maxLength(1024))),
    }),
  ),
  /** A player's settings or trips changed; `version` counts up for each account. */
  'settings.changed': lazily(() =>
    z.object({
      version: z.int().check(z.minimum(1)),
      since: instant,
      homeCountries: z.array(country()).check(z.minLength(1)),
      responses: responsesByTrigger(),
      /** Trips that are not over. */
      trips: z._default(z.array(trip()), []),
      /** What was in force before. */
      previous: z.object({ homeCountries: z.array(country()).check(z.minLength(1)), responses: responsesByTrigger(), trips: z._default(z.array(trip()), []) }),
    }),
  ),
  /** An account's contact, whole each time; of two the later `time` wins. */
  'contact.changed': lazily(() =>
    z.object({
      email: z.optional(z.email().check(z.maxLength(254))),
      phone: z.optional(phone),
      locale: z.optional(locale),
      timeZone: z.optional(timeZone),
    }),
  ),
  /** An account has a new password. */
  'password.changed': lazily(() => z.object({ changedAt: instant })),
  /** An account was locked or unlocked. */
  'account.standing_changed': standingFacts,
  /** An account is to be forgotten: every service drops what it holds about it. */
  'account.erased': lazily(() => z.object({ erasedAt: instant })),
  /** A service has dropped what it held about an account. */
  'account.erasure_reported': lazily(() => z.object({ service: z.string(), items: z.int().check(z.minimum(0)) })),
  /** Somebody asked for a one-time code; whether one goes out is decided where nobody waits for it. */
  'challenge.requested': lazily(() =>
    z.object({
      /** SHA-256 of the challengeId, under which the challenge is kept. */
      challenge: digest,
      /** Another digest of the challengeId, which the code's digest is keyed with, and which is kept nowhere. */
      codeKey: digest,
      channel,
      /** Who asked: the signed-in player, or anyone. */
      asker: z.enum(['player', 'public']),
      /** Digest of the network that anyone asked from. */
      network: z.optional(digest),
      requestedAt: instant,
    }),
  ),
  /** A code was answered: proof of more than the password. */
  'challenge.verified': lazily(() =>
    z.object({
      challenge: digest,
      verifiedAt: instant,
      channel,
      /** Whether it lifts a lock, or proves the player for weakening protection. */
      purpose: z.enum(['unlock', 'step_up']),
      /** The login that led to the lock which it lifts. */
      loginId: z.optional(z.uuid()),
    }),
  ),
} as const satisfies Record<EventName, () => z.ZodMiniObject>;

type DataSchema<N extends EventName> = ReturnType<(typeof eventData)[N]>;
export type EventData<N extends EventName> = z.infer<DataSchema<N>>;

/** An event of the product, by name: `Event<'login.located'>`. */
export type Event<N extends EventName = EventName> = N extends EventName ? CloudEvent<EventType<N>, EventData<N>> : never;

const schemaOf = <N extends EventName>(name: N) => z.extend(envelope, { type: z.literal(eventType(name)), data: eventData[name]() as DataSchema<N> });

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

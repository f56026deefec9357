import { z } from 'zod';
import { type CloudEvent, envelope } from './cloud-event.ts';
import { type EventName, type EventType, eventNames, eventType } from './names.ts';
import { country, instant, locale, locatedCountry, response, text, trigger } from './primitives.ts';
import { responsesByTrigger } from './settings.ts';
import { actionOutcome, historyFacts, locatedLoginData, loginData, verdictAction } from './verdict.ts';

const timeZone = z.string().max(64).refine(isTimeZone, 'must be a time zone of the IANA database, such as Asia/Seoul');

/** E.164: a plus sign and up to 15 digits. */
const phone = z.e164({ error: 'must be an E.164 number, such as +821012345678' });

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
    text,
  }),
  /** An action ended. */
  'action.completed': z.object({
    actionId: z.string().min(1).max(128),
    outcome: actionOutcome,
    detail: z.string().max(1024).optional(),
  }),
  /** A player's settings changed; `version` counts up for each account. */
  'settings.changed': z.object({
    version: z.number().int().min(1),
    since: instant,
    homeCountries: z.array(country).min(1),
    responses: responsesByTrigger,
    /** What was in force before. */
    previous: z.object({ homeCountries: z.array(country).min(1), responses: responsesByTrigger }),
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
} as const satisfies Record<EventName, z.ZodObject>;

export type EventData<N extends EventName> = z.infer<(typeof eventData)[N]>;

/** An event of the product, by name: `Event<'login.located'>`. */
export type Event<N extends EventName = EventName> = N extends EventName ? CloudEvent<EventType<N>, EventData<N>> : never;

/** The schema of a whole event; unknown fields are ignored, as consumers must. */
export const eventSchema = <N extends EventName>(name: N) =>
  envelope.extend({ type: z.literal(eventType(name)), data: eventData[name] });

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

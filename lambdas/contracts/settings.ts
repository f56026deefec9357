import * as z from 'zod/mini';
import { lazily } from './lazily.ts';
import { country } from './places.ts';
import { instant, type Response, response } from './primitives.ts';

const responses = lazily(() =>
  z.array(response).check(
    z.minLength(1),
    z.maxLength(7),
    z.refine(isUnique, 'names a response twice'),
    z.refine((list) => !list.includes('none') || list.length === 1, '`none` stands alone'),
  ),
);

const withoutBlock = lazily(() => responses().check(z.refine((list) => !list.includes('block_abroad'), '`block_abroad` stands only under login_abroad')));

/** Countries, each once. */
const countries = lazily(() => z.array(country()).check(z.minLength(1), z.maxLength(20), z.refine(isUnique, 'names a country twice')));

/** What happens for each trigger. */
export const responsesByTrigger = lazily(() =>
  z.strictObject({
    login_abroad: responses(),
    new_country: withoutBlock(),
    unlocated: withoutBlock(),
  }),
);

/** What a player chose; `PUT` replaces it whole. */
export const securitySettings = lazily(() => z.strictObject({ homeCountries: countries(), responses: responsesByTrigger() }));

export type SecuritySettings = z.infer<ReturnType<typeof securitySettings>>;

function isUnique(list: readonly unknown[]): boolean {
  return new Set(list).size === list.length;
}

/** The responses of an account that chose nothing, unless the deployment says otherwise. */
export const defaultResponses: SecuritySettings['responses'] = {
  login_abroad: ['email'],
  new_country: ['email'],
  unlocated: ['none'],
};

/** A whole day: `2026-12-01`. */
const date = lazily(() => z.iso.date('must be a date, such as 2026-12-01'));

/** A trip may last so many days, and an account may have so many that are not over. */
export const maxTripDays = 90;
export const maxOpenTrips = 20;
/** How far ahead a trip may end, in days. */
export const maxTripAheadDays = 366;

const tripDates = () => ({ countries: countries(), from: date(), until: date() });

/** A trip as a player announces it; whole days, `until` included, in the contact's time zone. */
export const tripBody = lazily(() =>
  z
    .strictObject(tripDates())
    .check(
      z.refine((dates) => !(daysOf(dates) < 1), { path: ['until'], error: 'must not be before `from`' }),
      z.refine((dates) => !(daysOf(dates) > maxTripDays), { path: ['until'], error: `a trip lasts ${maxTripDays} days at most` }),
    ),
);
export type TripBody = z.infer<ReturnType<typeof tripBody>>;

/** A trip as it is kept: with the moments that its days began and end at, by the time zone in force when it was made. */
export const trip = lazily(() => z.object({ ...tripDates(), id: z.string(), timeZone: z.string(), startsAt: instant, endsAt: instant }));
export type Trip = z.infer<ReturnType<typeof trip>>;

/** A trip as it is shown. */
export const shownTrip = lazily(() => z.omit(trip(), { startsAt: true, endsAt: true }));
/** A page of trips that are not over, by the day on which they begin. */
export const tripPage = lazily(() => z.object({ items: z.array(shownTrip()), cursor: z.nullable(z.string()) }));

/** The trip of a list that a login from a country at a moment falls into. */
export const tripAt = (trips: readonly Trip[], country: string | null, moment: string): Trip | undefined =>
  trips.find(
    ({ countries, startsAt, endsAt }) =>
      country !== null && countries.includes(country) && Date.parse(startsAt) <= Date.parse(moment) && Date.parse(moment) < Date.parse(endsAt),
  );

/** How many days a trip lasts, both ends included; no number when one of them is no date. */
function daysOf({ from, until }: { from: string; until: string }): number {
  return (Date.parse(until) - Date.parse(from)) / 86_400_000 + 1;
}

/** What an account chose: settings and trips. */
export interface Protection extends SecuritySettings {
  trips: Trip[];
}

/** A version of an account's settings and trips. Version 0 is the deployment's default, in force since always. */
export interface SettingsVersion extends Protection {
  version: number;
  /** Server time from which it is in force, RFC 3339. */
  since: string;
}

/** Triggers that a player chooses responses for; a disputed login always locks. */
export const chosenTriggers = ['login_abroad', 'new_country', 'unlocated'] as const satisfies readonly (keyof SecuritySettings['responses'])[];
export type ResponsesByTrigger = Record<(typeof chosenTriggers)[number], Response[]>;

/** Whether play from abroad is denied by access checks. */
export const blocksAbroad = ({ login_abroad }: ResponsesByTrigger): boolean => login_abroad.includes('block_abroad');

import type { Locale } from '../shared/locale.ts';
import type { Words } from './words/words.ts';

/** The language as the browser's owner writes it, such as `en-GB`, so that dates and times look as they do elsewhere. */
const tagOf = (locale: Locale): string => navigator.languages.find((language) => language.startsWith(locale)) ?? locale;

/** The player's zone, as the browser knows it. */
export const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A day of the player's zone, `2026-12-01`; Swedish writes days so. */
export const dayOf = (moment: Date): string => moment.toLocaleDateString('sv');

/** A time of the day: `3:07 PM`. */
export const clock = (moment: string, locale: Locale): string => new Date(moment).toLocaleTimeString(tagOf(locale), { timeStyle: 'short' });

/** A whole moment: `Nov 21, 2026, 3:07 PM`. */
export const wholeTime = (moment: string, locale: Locale): string => new Date(moment).toLocaleString(tagOf(locale), { dateStyle: 'medium', timeStyle: 'short' });

/** The same to the second, with the zone. */
export const exactTime = (moment: string, locale: Locale): string => new Date(moment).toLocaleString(tagOf(locale), { dateStyle: 'long', timeStyle: 'long' });

/** A day as a heading: today, yesterday, or with its date. */
export function dayTitle(day: string, now: Date, locale: Locale, { history }: Words): string {
  if (day === dayOf(now)) return history.today;
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (day === dayOf(yesterday)) return history.yesterday;
  return wholeDay(day, locale, { weekday: 'long', day: 'numeric', month: 'long', ...(day.slice(0, 4) !== dayOf(now).slice(0, 4) && { year: 'numeric' }) });
}

/** A date without a time, whatever the zone. */
export const wholeDay = (day: string, locale: Locale, format: Intl.DateTimeFormatOptions = { dateStyle: 'medium' }): string =>
  new Intl.DateTimeFormat(tagOf(locale), { ...format, timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));

/** From a day to a day. */
export const daysFromTo = (from: string, until: string, locale: Locale): string =>
  new Intl.DateTimeFormat(tagOf(locale), { dateStyle: 'medium', timeZone: 'UTC' }).formatRange(new Date(`${from}T00:00:00Z`), new Date(`${until}T00:00:00Z`));

/** How many days a trip lasts, both ends included. */
export const daysBetween = (from: string, until: string): number => Math.round((Date.parse(until) - Date.parse(from)) / 86_400_000) + 1;

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** How long ago: `5 minutes ago`. */
export function ago(moment: string, now: Date, locale: Locale): string {
  const seconds = (now.getTime() - Date.parse(moment)) / 1000;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const [unit, size] = units.find(([, each]) => seconds >= each) ?? [undefined, 1];
  return unit === undefined ? format.format(0, 'second') : format.format(-Math.floor(seconds / size), unit);
}

import type { Locale } from './locale.ts';

/** The flag of a country as text: two regional indicator letters; nothing where a system has no such flags, because it then shows the letters. */
export const flagOf = (country: string): string => String.fromCodePoint(...country.split('').map((letter) => 0x1f1e6 + letter.charCodeAt(0) - 65));

const names = new Map<Locale, Intl.DisplayNames>();

/** A country's name as the browser knows it; its code where it knows none. */
export function countryName(country: string, locale: Locale): string {
  const known = names.get(locale) ?? new Intl.DisplayNames([locale], { type: 'region', fallback: 'code' });
  names.set(locale, known);
  return known.of(country) ?? country;
}

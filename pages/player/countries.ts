import { countryCodes } from '../shared/country-codes.ts';
import type { Locale } from '../shared/locale.ts';
import { countryName } from '../shared/place.ts';

const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();

/** Countries whose name holds a text, in the player's language or in English, or whose code it is; those that begin with it first. */
export function findCountries(text: string, locale: Locale, without: readonly string[], limit: number): string[] {
  const wanted = plain(text);
  if (wanted === '') return [];
  const places = countryCodes.flatMap((code) => {
    if (without.includes(code)) return [];
    const names = [plain(countryName(code, locale)), plain(countryName(code, 'en'))];
    if (code.toLowerCase() === wanted || names.some((name) => name.startsWith(wanted))) return [{ code, rank: 0 }];
    return names.some((name) => name.includes(wanted)) ? [{ code, rank: 1 }] : [];
  });
  const byName = new Intl.Collator(locale);
  return places
    .toSorted((a, b) => a.rank - b.rank || byName.compare(countryName(a.code, locale), countryName(b.code, locale)))
    .slice(0, limit)
    .map(({ code }) => code);
}

/** Names of countries as a list in words. */
export const namesOf = (list: readonly string[], locale: Locale): string =>
  new Intl.ListFormat(locale, { type: 'conjunction' }).format(list.map((code) => countryName(code, locale)));

/** Languages that the pages are written in. */
export const locales = ['ko', 'en'] as const;
export type Locale = (typeof locales)[number];

const key = 'loginward.locale';

/** The language that was chosen the last time; before that, the first of the browser's that there is, else English. */
export function startingLocale(chosen: Pick<Storage, 'getItem'>, languages: readonly string[]): Locale {
  const kept = chosen.getItem(key);
  const wanted = [kept ?? '', ...languages].map((language) => language.slice(0, 2).toLowerCase());
  return locales.find((locale) => locale === wanted.find((each) => (locales as readonly string[]).includes(each))) ?? 'en';
}

/** Keeps the choice for the next visit. */
export function keepLocale(storage: Pick<Storage, 'setItem'>, locale: Locale): void {
  storage.setItem(key, locale);
}

import { type Locale, locales } from './locale.ts';

const names: Readonly<Record<Locale, string>> = { ko: '한국어', en: 'English' };

/** A switch between the languages, each in its own words. */
export function Languages({ label, locale, choose }: { label: string; locale: Locale; choose: (locale: Locale) => void }) {
  return (
    <div class="languages" role="group" aria-label={label}>
      {locales.map((each) => (
        <button key={each} type="button" class="quiet small" lang={each} aria-pressed={each === locale} onClick={() => choose(each)}>
          {names[each]}
        </button>
      ))}
    </div>
  );
}

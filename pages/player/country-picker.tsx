import { useId, useState } from 'preact/hooks';
import { countryName, flagOf } from '../shared/place.ts';
import { findCountries } from './countries.ts';
import { usePage } from './page.ts';

interface CountryPickerProps {
  readonly label: string;
  readonly chosen: readonly string[];
  readonly choose: (countries: string[]) => void;
  /** How many must be left. */
  readonly least: number;
  readonly describedBy?: string | undefined;
}

/** How many countries an account or a trip may have. */
const most = 20;
const shown = 6;

/** A list of countries, and a field to find more by name. */
export function CountryPicker({ label, chosen, choose, least, describedBy }: CountryPickerProps) {
  const { words, locale, announce } = usePage();
  const [text, setText] = useState('');
  const id = useId();
  const found = findCountries(text, locale, chosen, shown);
  const add = (code: string) => {
    choose([...chosen, code]);
    setText('');
    announce(words.countries.added(countryName(code, locale)));
  };
  return (
    <div class="country-picker" role="group" aria-label={label} aria-describedby={describedBy}>
      <ul class="chosen">
        {chosen.map((code) => (
          <li key={code} class="country">
            <Flag country={code} /> {countryName(code, locale)}
            {chosen.length > least && (
              <button
                type="button"
                class="quiet remove"
                aria-label={words.countries.remove(countryName(code, locale))}
                onClick={() => {
                  choose(chosen.filter((each) => each !== code));
                  announce(words.countries.removed(countryName(code, locale)));
                }}
              >
                <span aria-hidden="true">×</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {chosen.length < most && (
        <>
          <label for={id}>{words.countries.search}</label>
          <input
            id={id}
            type="search"
            autocomplete="off"
            placeholder={words.countries.hint}
            value={text}
            aria-controls={`${id}-found`}
            onInput={({ currentTarget }) => {
              setText(currentTarget.value);
              if (currentTarget.value.trim() !== '') announce(words.countries.found(findCountries(currentTarget.value, locale, chosen, shown).length));
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.isComposing) return;
              // Enter takes the first, and does not send the form.
              event.preventDefault();
              const [first] = found;
              if (first !== undefined) add(first);
            }}
          />
          <ul class="found" id={`${id}-found`}>
            {found.map((code) => (
              <li key={code}>
                <button type="button" class="small" aria-label={words.countries.add(countryName(code, locale))} onClick={() => add(code)}>
                  <Flag country={code} /> {countryName(code, locale)}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** A country's flag as text, for those who see it; its name stands beside it. */
export function Flag({ country }: { country: string | null }) {
  return (
    <span class="flag" aria-hidden="true">
      {country === null ? '❔' : flagOf(country)}
    </span>
  );
}

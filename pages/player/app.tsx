import { useCallback, useEffect, useState } from 'preact/hooks';
import { Languages } from '../shared/languages.tsx';
import { keepLocale, type Locale } from '../shared/locale.ts';
import { type Config, forgetSession, type Place, type Session, type SignInFailure, signOut } from './session.ts';
import { SignedIn } from './signed-in.tsx';
import { type Notice, Welcome } from './welcome.tsx';
import { type Words, words as dictionary } from './words/words.ts';

/** How the page begins. */
export interface Start {
  /** Nothing when it could not be read. */
  readonly config: Config | undefined;
  readonly session: Session | undefined;
  readonly failure: SignInFailure | undefined;
  readonly locale: Locale;
  readonly place: Place;
}

/** The page, whoever looks at it. */
export function App({ config, place, ...start }: Start) {
  const [locale, setLocale] = useState(start.locale);
  const [session, setSession] = useState(start.session);
  const [notice, setNotice] = useState<Notice | undefined>(start.failure);
  const [heard, announce] = useState('');
  const words = dictionary[locale];
  useEffect(() => {
    document.documentElement.lang = locale;
    document.title = `${words.title} · Loginward`;
  }, [locale, words]);
  const end = useCallback(() => {
    forgetSession(place);
    setSession(undefined);
    setNotice('ended');
  }, [place]);
  const leave = async (known: Config, signedIn: Session) => {
    if (await signOut(known, signedIn, place)) return;
    setSession(undefined);
    setNotice('done');
  };
  return (
    <div class="frame">
      <a class="skip" href="#content" onClick={skip}>
        {words.skip}
      </a>
      <Head
        words={words}
        locale={locale}
        account={session?.account}
        choose={(chosen) => {
          keepLocale(localStorage, chosen);
          setLocale(chosen);
        }}
        leave={() => config && session && void leave(config, session)}
      />
      {config && session ? (
        <SignedIn session={session} locale={locale} words={words} onSignedOut={end} announce={announce} />
      ) : (
        <Welcome locale={locale} config={config} place={place} notice={notice} />
      )}
      <Foot words={words} />
      <p class="heard" role="status">
        {heard}
      </p>
    </div>
  );
}

/** Past the head, without a change of the view that the fragment names. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

interface HeadProps {
  readonly words: Words;
  readonly locale: Locale;
  readonly account: string | undefined;
  readonly choose: (locale: Locale) => void;
  readonly leave: () => void;
}

function Head({ words, locale, account, choose, leave }: HeadProps) {
  return (
    <header>
      <p class="brand">
        <Shield /> Loginward
      </p>
      <Languages label={words.language} locale={locale} choose={choose} />
      {account !== undefined && (
        <div class="account">
          <p class="faint small">{words.signIn.as(account)}</p>
          <button type="button" class="quiet small" onClick={leave}>
            {words.signIn.out}
          </button>
        </div>
      )}
    </header>
  );
}

/** Whose data the countries come from, as its licence wants. */
function Foot({ words }: { words: Words }) {
  return (
    <footer class="faint small">
      <p>
        {words.attribution}{' '}
        <a href="https://github.com/sapics/ip-location-db" rel="noreferrer">
          ip-location-db
        </a>{' '}
        (
        <a href="https://creativecommons.org/licenses/by/4.0/" rel="noreferrer">
          CC BY 4.0
        </a>
        ,{' '}
        <a href="https://www.nro.net/" rel="noreferrer">
          NRO
        </a>
        )
      </p>
    </footer>
  );
}

/** The product's sign. */
function Shield() {
  return (
    <svg class="shield" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <path class="shield-ground" d="M16 1 4 5.5V15c0 7.6 5 13.3 12 16 7-2.7 12-8.4 12-16V5.5z" />
      <circle class="shield-sign" cx="16" cy="13" r="4" />
      <path class="shield-sign" d="M14 15h4l1.5 8h-7z" />
    </svg>
  );
}

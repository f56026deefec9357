import { useCallback, useEffect, useState } from 'preact/hooks';
import { Languages } from '../shared/languages.tsx';
import { keepLocale, type Locale } from '../shared/locale.ts';
import { beginSignIn, type Config, forgetSession, type Place, type Session, SignInError, type SignInFailure, signOut } from './session.ts';
import { SignedIn } from './signed-in.tsx';
import { words as dictionary } from './words/words.ts';

/** How the page begins. */
export interface Start {
  /** Nothing when it could not be read. */
  readonly config: Config | undefined;
  readonly session: Session | undefined;
  readonly failure: SignInFailure | undefined;
  readonly locale: Locale;
  readonly place: Place;
}

type Notice = SignInFailure | 'ended' | 'done';

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
      <header>
        <p class="brand">
          <Shield /> Loginward
        </p>
        <Languages
          label={words.language}
          locale={locale}
          choose={(chosen) => {
            keepLocale(localStorage, chosen);
            setLocale(chosen);
          }}
        />
        {config && session && (
          <div class="account">
            <p class="faint small">{words.signIn.as(session.account)}</p>
            <button type="button" class="quiet small" onClick={() => void leave(config, session)}>
              {words.signIn.out}
            </button>
          </div>
        )}
      </header>
      {config && session ? (
        <SignedIn session={session} locale={locale} words={words} onSignedOut={end} announce={announce} />
      ) : (
        <Welcome locale={locale} config={config} place={place} notice={notice} />
      )}
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

interface WelcomeProps {
  readonly locale: Locale;
  readonly config: Config | undefined;
  readonly place: Place;
  readonly notice: Notice | undefined;
}

/** What the page is for, and the way in. */
function Welcome({ locale, config, place, notice }: WelcomeProps) {
  const words = dictionary[locale];
  const [failure, setFailure] = useState<SignInFailure>();
  const [isBusy, setBusy] = useState(false);
  const begin = async (known: Config) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await beginSignIn(known, place);
    } catch (error) {
      setFailure(error instanceof SignInError ? error.failure : 'refused');
      setBusy(false);
    }
  };
  const told = config ? (failure ?? notice) : undefined;
  return (
    <main id="content" class="welcome" tabIndex={-1}>
      <div class="card">
        <h1>{words.signIn.welcome}</h1>
        <ul class="bullets">
          {words.signIn.points.map((point) => (
            <li key={point}>{point}</li>
          ))}
        </ul>
        {!config && (
          <p class="notice bad" role="alert">
            {words.signIn.noConfig}
          </p>
        )}
        {told === 'ended' && (
          <p class="notice warn" role="alert">
            {words.signIn.ended}
          </p>
        )}
        {told === 'done' && (
          <p class="notice good" role="status">
            {words.signIn.done}
          </p>
        )}
        {told !== undefined && told !== 'ended' && told !== 'done' && (
          <p class="notice bad" role="alert">
            {words.signIn.failed[told]}
          </p>
        )}
        <button type="button" class="primary" aria-disabled={isBusy || !config} onClick={() => config && !isBusy && void begin(config)}>
          {isBusy ? words.signIn.working : told === undefined ? words.signIn.button : words.signIn.again}
        </button>
      </div>
    </main>
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

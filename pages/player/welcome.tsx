import { useState } from 'preact/hooks';
import type { Locale } from '../shared/locale.ts';
import { beginSignIn, type Config, type Place, SignInError, type SignInFailure } from './session.ts';
import { words as dictionary } from './words/words.ts';

/** Why nobody is signed in: a sign-in that did not end well, a token that expired, or because they signed out. */
export type Notice = SignInFailure | 'ended' | 'done';

interface WelcomeProps {
  readonly locale: Locale;
  readonly config: Config | undefined;
  readonly place: Place;
  readonly notice: Notice | undefined;
}

/** What the page is for, and the way in. */
export function Welcome({ locale, config, place, notice }: WelcomeProps) {
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
        {config ? (
          <Told notice={told} locale={locale} />
        ) : (
          <p class="notice bad" role="alert">
            {words.signIn.noConfig}
          </p>
        )}
        <button type="button" class="primary" aria-disabled={isBusy || !config} onClick={() => config && !isBusy && void begin(config)}>
          {isBusy ? words.signIn.working : told === undefined ? words.signIn.button : words.signIn.again}
        </button>
      </div>
    </main>
  );
}

function Told({ notice, locale }: { notice: Notice | undefined; locale: Locale }) {
  const { signIn } = dictionary[locale];
  if (notice === undefined) return null;
  if (notice === 'done') {
    return (
      <p class="notice good" role="status">
        {signIn.done}
      </p>
    );
  }
  return (
    <p class={`notice ${notice === 'ended' ? 'warn' : 'bad'}`} role="alert">
      {notice === 'ended' ? signIn.ended : signIn.failed[notice]}
    </p>
  );
}

import './main.css';
import { render } from 'preact';
import { startingLocale } from '../shared/locale.ts';
import { App } from './app.tsx';
import { type Config, finishSignIn, isAnswer, keptSession, type Place, type Session, SignInError, type SignInFailure } from './session.ts';

const place: Place = {
  origin: location.origin,
  storage: sessionStorage,
  leave: (url) => location.assign(url),
  now: Date.now,
};

async function readConfig(): Promise<Config | undefined> {
  try {
    const response = await fetch('/config.json');
    return response.ok ? ((await response.json()) as Config) : undefined;
  } catch {
    return undefined;
  }
}

/** Who is signed in: by the issuer's answer when the address is one, else as the tab knows. */
async function signedIn(config: Config | undefined): Promise<{ session?: Session | undefined; failure?: SignInFailure }> {
  const url = new URL(location.href);
  if (!config || !isAnswer(url)) return { session: keptSession(place) };
  // A code is good once; the address must not keep it.
  history.replaceState(null, '', '/');
  try {
    return { session: await finishSignIn(config, url, place) };
  } catch (error) {
    return { failure: error instanceof SignInError ? error.failure : 'refused' };
  }
}

const page = document.getElementById('page');
if (page) {
  const config = await readConfig();
  const { session, failure } = await signedIn(config);
  render(<App config={config} session={session} failure={failure} locale={startingLocale(localStorage, navigator.languages)} place={place} />, page);
}

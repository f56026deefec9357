import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Standing } from '../../lambdas/contracts/standing.ts';
import type { Locale } from '../shared/locale.ts';
import { type PlayerApi, playerApi } from './api.ts';
import { useHistory } from './history-list.ts';
import { History } from './history.tsx';
import { LockBanner } from './locked.tsx';
import { delay, type Page, PageContext } from './page.ts';
import type { Session } from './session.ts';
import { Settings } from './settings.tsx';
import { StepUp } from './step-up.tsx';
import { Trips } from './trips.tsx';
import type { Words } from './words/words.ts';

interface SignedInProps {
  readonly session: Session;
  readonly locale: Locale;
  readonly words: Words;
  readonly onSignedOut: () => void;
  readonly announce: (text: string) => void;
}

/** How often a standing is looked at until it is as expected, a second apart. */
const looks = 30;

/** The longest time that a browser's timer takes, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** The views, by the fragment of the address. */
const views = ['logins', 'protection', 'trips'] as const;
type View = (typeof views)[number];
const viewOf = (hash: string): View => views.find((view) => `#${view}` === hash) ?? 'logins';

/** The page of somebody who is signed in. */
export function SignedIn({ session, locale, words, onSignedOut, announce }: SignedInProps) {
  const api = useMemo(() => playerApi(session.token, onSignedOut), [session, onSignedOut]);
  const { standing, awaitStanding } = useStanding(api);
  const { prover, prove } = useProver();
  const view = useView();
  const history = useHistory(api);
  useEffect(() => {
    const timer = setTimeout(onSignedOut, Math.min(session.until - Date.now(), longestTimer));
    return () => clearTimeout(timer);
  }, [session, onSignedOut]);
  const page: Page = { locale, words, api, standing, announce, awaitStanding, prove };
  return (
    <PageContext.Provider value={page}>
      <nav class="views" aria-label={words.sections}>
        {views.map((each) => (
          <a key={each} href={`#${each}`} aria-current={each === view ? 'page' : undefined}>
            {{ logins: words.history.title, protection: words.settings.title, trips: words.trips.title }[each]}
          </a>
        ))}
      </nav>
      <main id="content" tabIndex={-1}>
        <LockBanner />
        {view === 'logins' && <History list={history} />}
        {view === 'protection' && <Settings />}
        {view === 'trips' && <Trips />}
      </main>
      {prover && <StepUp onEnd={prover.end} />}
    </PageContext.Provider>
  );
}

/** The account's standing, read at the start, and again as long as another one is expected. */
function useStanding(api: PlayerApi): Pick<Page, 'standing' | 'awaitStanding'> {
  const [standing, setStanding] = useState<Standing>();
  const look = useCallback(async () => {
    const now = await api.standing();
    setStanding(now);
    return now;
  }, [api]);
  // Who cannot be told of a lock still sees the rest; the API says it again where it matters.
  useEffect(() => void look().catch(() => undefined), [look]);
  const awaitStanding = async (state: Standing['state']): Promise<void> => {
    for (let left = looks; left > 0; left -= 1) {
      // One look that fails is made up for by the next.
      const now = await look().catch(() => undefined);
      if (now?.state === state) return;
      await delay(1000);
    }
  };
  return { standing, awaitStanding };
}

/** The dialog that asks for a code, and who waits for its end. */
function useProver(): { prover: { end: (isProven: boolean) => void } | undefined; prove: Page['prove'] } {
  const [prover, setProver] = useState<{ end: (isProven: boolean) => void }>();
  const prove = (): Promise<boolean> =>
    new Promise((done) => {
      setProver({
        end: (isProven) => {
          setProver(undefined);
          done(isProven);
        },
      });
    });
  return { prover, prove };
}

/** The view that the address names; when it changes, the focus goes to its heading. */
function useView(): View {
  const [view, setView] = useState(() => viewOf(location.hash));
  const isFirst = useRef(true);
  useEffect(() => {
    const follow = () => setView(viewOf(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  useEffect(() => {
    if (!isFirst.current) document.querySelector<HTMLElement>('main h1')?.focus();
    isFirst.current = false;
  }, [view]);
  return view;
}

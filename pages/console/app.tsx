import type { ConsoleState } from '../../local/console/types.ts';
import { Dashboards } from './dashboards/dashboards.tsx';
import { Header } from './header.tsx';
import { Alarms } from './live/alarms.tsx';
import { AlarmChanges } from './live/alarm-changes.tsx';
import { Backlogs } from './live/backlogs.tsx';
import { Chain } from './live/chain.tsx';
import { Logins } from './live/logins.tsx';
import { usePolled } from './polled.ts';
import { RunbookDialog } from './runbook.tsx';
import { useView, type View } from './view.ts';

/** How often the live part is read, in milliseconds. */
const everyMilliseconds = 2000;

/** The operator's console. */
export function App() {
  const [view, change] = useView();
  const { data: state, failedSince } = usePolled<ConsoleState>(`/local/console/state?minutes=${view.minutes}`, everyMilliseconds);
  return (
    <>
      <a class="skip" href="#main" onClick={toMain}>
        To the content
      </a>
      <Header state={state} failedSince={failedSince} minutes={view.minutes} choose={(minutes) => change({ minutes })} />
      <main id="main" tabIndex={-1}>
        {state ? <Live state={state} change={change} /> : <Loading />}
        <Dashboards view={view} change={change} />
      </main>
      <RunbookDialog anchor={view.runbook} open={(runbook) => change({ runbook })} close={() => change({ runbook: undefined })} />
    </>
  );
}

function Live({ state, change }: { state: ConsoleState; change: (part: Partial<View>) => void }) {
  const openDashboard = (dashboard: string): void => {
    change({ dashboard });
    document.getElementById('dashboards')?.scrollIntoView();
    document.getElementById('dashboards')?.focus();
  };
  return (
    <>
      <AlarmChanges alarms={state.alarms} />
      <Chain state={state} />
      <Alarms alarms={state.alarms} at={state.at} openRunbook={(runbook) => change({ runbook })} openDashboard={openDashboard} />
      <div class="beside">
        <Backlogs state={state} />
        <Logins logins={state.logins} at={state.at} />
      </div>
    </>
  );
}

const Loading = () => (
  <section aria-busy="true" aria-label="Loading">
    <div class="skeleton loading" />
  </section>
);

/** The address behind `#` says what is looked at, so the link moves the focus by itself. */
function toMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

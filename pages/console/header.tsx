import type { ConsoleState } from '../../local/console/types.ts';
import { momentOf, times } from './format.ts';
import { ranges } from './view.ts';

interface HeaderProps {
  readonly state: ConsoleState | undefined;
  readonly failedSince: number | undefined;
  readonly minutes: number;
  readonly choose: (minutes: number) => void;
}

/** The name, how everything is, and the time range. */
export function Header({ state, failedSince, minutes, choose }: HeaderProps) {
  return (
    <header class="top">
      <div class="title">
        <h1>Loginward</h1>
        <Overall state={state} failedSince={failedSince} />
      </div>
      <div class="tools">
        {state && (
          <p class="faint small updated">
            {state.bus === 'kafka' ? 'Kafka' : 'SNS and SQS'}, updated <time class="mono">{momentOf(state.at, state.at)}</time>
          </p>
        )}
        <Ranges minutes={minutes} choose={choose} />
      </div>
    </header>
  );
}

function Overall({ state, failedSince }: Pick<HeaderProps, 'state' | 'failedSince'>) {
  if (failedSince !== undefined) {
    return (
      <p class="overall bad" role="status">
        <Sign is="bad" /> The local run does not answer since {momentOf(failedSince, Date.now())}
      </p>
    );
  }
  if (!state) return <p class="overall">Looking…</p>;
  const firing = state.alarms.filter((alarm) => alarm.state === 'ALARM');
  if (firing.length === 0) {
    return (
      <p class="overall good">
        <Sign is="good" /> All well
      </p>
    );
  }
  return (
    <p class="overall bad">
      <Sign is="bad" />{' '}
      <a href="#alarms" onClick={toAlarms}>
        {times(firing.length, 'alarm')}
      </a>
      <span class="names"> {firing.map(({ name }) => name.replace(/^loginward-[^-]+-/, '')).join(', ')}</span>
    </p>
  );
}

function toAlarms(event: Event): void {
  event.preventDefault();
  const alarms = document.getElementById('alarms');
  alarms?.scrollIntoView();
  alarms?.focus();
}

/** A sign of its own shape for each, because colour alone tells some people nothing. */
export const Sign = ({ is }: { is: 'good' | 'bad' | 'unknown' }) => (
  <svg class={`sign ${is}`} viewBox="0 0 16 16" aria-hidden="true">
    {is === 'bad' ? <path d="M8 1 15.500 14.500H.500zM7.200 6v4h1.600V6zm0 5.200v1.600h1.600v-1.600z" fill-rule="evenodd" /> : <circle cx="8" cy="8" r="7" />}
    {is === 'good' && <path class="tick" d="m4.500 8.200 2.400 2.400 4.600-5" />}
  </svg>
);

function Ranges({ minutes, choose }: Pick<HeaderProps, 'minutes' | 'choose'>) {
  return (
    <div class="ranges" role="group" aria-label="Time range">
      {ranges.map((range) => (
        <button key={range.minutes} type="button" class="small" aria-pressed={range.minutes === minutes} onClick={() => choose(range.minutes)}>
          {range.label}
        </button>
      ))}
    </div>
  );
}

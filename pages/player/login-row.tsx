import { useId, useState } from 'preact/hooks';
import type { HistoryItem } from '../../lambdas/contracts/answers.ts';
import { countryName } from '../shared/place.ts';
import { Answer } from './answer.tsx';
import { Flag } from './country-picker.tsx';
import { deviceName } from './device.ts';
import { isUnusual } from './history-list.ts';
import { usePage } from './page.ts';
import { ago, clock, exactTime, wholeTime } from './time.ts';
import { VerdictExplained } from './verdict.tsx';

export interface LoginRowProps {
  readonly login: HistoryItem;
  readonly now: Date;
  readonly change: (id: string, what: Partial<HistoryItem>) => void;
  readonly refresh: () => Promise<void>;
}

/** One login: from where, when, with what, what came of it, and what was done about it. */
export function LoginRow({ login, now, change, refresh }: LoginRowProps) {
  const { words, locale } = usePage();
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const { history } = words;
  const place = login.country === null ? history.unknownPlace : countryName(login.country, locale);
  // A row of many failures is no login that one could answer for.
  const isOwnable = login.count === undefined;
  const wantsAnswer = isOwnable && login.outcome === 'success' && login.verdict !== undefined && !login.disputedAt && !login.confirmedAt;
  const answer = isOwnable && <Answer login={login} place={place} change={change} refresh={refresh} />;
  return (
    <li class={`login${isUnusual(login) ? ' unusual' : ''}`}>
      <Flag country={login.country} />
      <p class="place">
        <strong>{place}</strong> <Chips login={login} />
      </p>
      <p class="when">
        <time dateTime={login.occurredAt} title={exactTime(login.occurredAt, locale)}>
          {clock(login.occurredAt, locale)}
        </time>{' '}
        <span class="ago">{ago(login.occurredAt, now, locale)}</span>
      </p>
      <p class="detail">
        <span class="address">{login.ip}</span>
        {login.device?.userAgent !== undefined && <span>{deviceName(login.device.userAgent)}</span>}
        {login.product !== undefined && <span>{login.product}</span>}
      </p>
      <Done login={login} />
      {wantsAnswer && answer}
      <button
        type="button"
        class="quiet small disclose"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={history.detailsOf(place, wholeTime(login.occurredAt, locale))}
        onClick={() => setOpen(!isOpen)}
      >
        {history.details} <span class="arrow" aria-hidden="true" />
      </button>
      <div class="login-details" id={id} hidden={!isOpen}>
        {isOpen && (
          <>
            <Facts login={login} />
            {!wantsAnswer && answer}
            {login.verdict && <VerdictExplained loginId={login.id} revision={login.verdict.triggers.join()} />}
          </>
        )}
      </div>
    </li>
  );
}

/** What is out of the ordinary about it; each with a sign and a word, not by colour alone. */
function Chips({ login }: { login: HistoryItem }) {
  const { history } = usePage().words;
  const chip = (kind: string, sign: string, text: string) => (
    <span key={text} class={`chip ${kind}`}>
      <span aria-hidden="true">{sign}</span> {text}
    </span>
  );
  return (
    <span class="chips">
      {login.outcome === 'failure' && chip('bad', '✕', login.count === undefined ? history.outcome.failure : history.moreFailures(login.count))}
      {login.outcome === 'denied' && chip('bad', '⊘', history.outcome.denied)}
      {login.verdict?.triggers.filter((trigger) => trigger !== 'disputed').map((trigger) => chip('warn', '!', history.trigger[trigger]))}
      {login.disputedAt !== undefined && chip('bad', '✕', history.disputed)}
      {login.disputedAt === undefined && login.confirmedAt !== undefined && chip('good', '✓', history.confirmed)}
    </span>
  );
}

/** What was done about it. */
function Done({ login: { verdict } }: { login: HistoryItem }) {
  const { words } = usePage();
  if (!verdict) return null;
  const { actions = [] } = verdict;
  return (
    <ul class="done">
      {actions.map(({ response, outcome }) => (
        <li key={response} class={outcome === 'done' ? 'is-done' : ''}>
          <span aria-hidden="true">{outcome === 'done' ? '✓' : '→'}</span> {words.action(response, outcome as Parameters<typeof words.action>[1])}
        </li>
      ))}
      {actions.length === 0 && <li>{words.history.nothingDone}</li>}
    </ul>
  );
}

function Facts({ login }: { login: HistoryItem }) {
  const { words, locale } = usePage();
  const { history } = words;
  const facts = [
    [history.time, exactTime(login.occurredAt, locale)],
    [history.address, login.unlocatedReason ? `${login.ip} (${history.unlocated[login.unlocatedReason]})` : login.ip],
    [history.device, login.device?.userAgent],
    [history.deviceId, login.device?.id],
    [history.product, login.product],
    [history.session, login.sessionId],
  ] as const;
  return (
    <dl class="facts">
      {facts.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

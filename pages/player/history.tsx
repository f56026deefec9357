import { useState } from 'preact/hooks';
import type { HistoryItem } from '../../lambdas/contracts/answers.ts';
import { type HistoryList, isUnusual } from './history-list.ts';
import { LoginRow } from './login-row.tsx';
import { usePage } from './page.ts';
import { dayOf, dayTitle, timeZone } from './time.ts';
import { TroubleNotice } from './trouble.tsx';
import { useNow } from './work.ts';

/** Who was in the account: a plain list, newest first, by day. */
export function History({ list }: { list: HistoryList }) {
  const { words } = usePage();
  const [onlyUnusual, setOnlyUnusual] = useState(false);
  const { items, work, hasMore } = list;
  const shown = onlyUnusual ? items?.filter(isUnusual) : items;
  return (
    <section aria-labelledby="history-title">
      <div class="section-head">
        <h1 id="history-title" tabIndex={-1}>
          {words.history.title}
        </h1>
        <button type="button" class="small" aria-disabled={work.isBusy} onClick={() => void list.refresh()}>
          {words.history.refresh}
        </button>
      </div>
      <p class="faint">
        {words.history.lead} {words.history.zone(timeZone())}
      </p>
      <label class="filter">
        <input type="checkbox" role="switch" checked={onlyUnusual} onChange={({ currentTarget }) => setOnlyUnusual(currentTarget.checked)} />
        {words.history.onlyUnusual}
      </label>
      <TroubleNotice error={work.error} retry={() => void list.refresh()} />
      {shown === undefined ? work.error === undefined && <Skeleton /> : <Days items={shown} list={list} />}
      {items && shown?.length === 0 && <p class="card empty">{onlyUnusual && items.length > 0 ? words.history.noneUnusual(items.length) : words.history.none}</p>}
      {hasMore && (
        <p class="more">
          <button type="button" aria-disabled={work.isBusy} onClick={() => void list.more()}>
            {onlyUnusual ? words.history.searchOlder : words.history.more}
          </button>
        </p>
      )}
      <p class="heard" role="status">
        {shown && words.history.shown(shown.length)}
      </p>
    </section>
  );
}

function Days({ items, list }: { items: readonly HistoryItem[]; list: HistoryList }) {
  const { words, locale } = usePage();
  const now = useNow();
  const days = [...Map.groupBy(items, ({ occurredAt }) => dayOf(new Date(occurredAt)))];
  return days.map(([day, logins]) => (
    <section key={day} class="day" aria-labelledby={`day-${day}`}>
      <h2 id={`day-${day}`}>
        <time dateTime={day}>{dayTitle(day, now, locale, words)}</time>
      </h2>
      <ol class="card logins">
        {logins.map((login) => (
          <LoginRow key={login.id} login={login} now={now} change={list.change} refresh={list.refresh} />
        ))}
      </ol>
    </section>
  ));
}

/** In the place of the list, of the height of one. */
function Skeleton() {
  const { words } = usePage();
  return (
    <div class="day" aria-busy="true">
      <p class="heard">{words.loading}</p>
      <h2 aria-hidden="true">
        <span class="skeleton">{words.history.today}</span>
      </h2>
      <ol class="card logins" aria-hidden="true">
        {[0, 1, 2, 3, 4].map((row) => (
          <li key={row} class="login">
            <span class="flag skeleton">　</span>
            <p class="place">
              <span class="skeleton">{words.history.unknownPlace}</span>
            </p>
            <p class="when">
              <span class="skeleton">00:00</span>
            </p>
            <p class="detail">
              <span class="skeleton">203.0.113.7 · {words.history.device}</span>
            </p>
          </li>
        ))}
      </ol>
    </div>
  );
}

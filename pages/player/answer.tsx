import { useState } from 'preact/hooks';
import type { HistoryItem } from '../../lambdas/contracts/answers.ts';
import { Dialog } from './dialog.tsx';
import type { LoginRowProps } from './login-row.tsx';
import { delay, usePage } from './page.ts';
import { wholeTime } from './time.ts';
import { TroubleNotice } from './trouble.tsx';
import { useWork } from './work.ts';

type AnswerProps = Pick<LoginRowProps, 'login' | 'change' | 'refresh'> & { readonly place: string };

/** About how long a verdict takes to reach the history once the account is locked. */
const verdictMilliseconds = 2000;

/** The player says whether a login was theirs. */
export function Answer({ login, place, change, refresh }: AnswerProps) {
  const { api, words, announce, awaitStanding } = usePage();
  const [isAsking, setAsking] = useState(false);
  const work = useWork();
  if (login.disputedAt !== undefined) return null;
  const confirm = () =>
    work.run(async () => {
      change(login.id, await api.confirm(login.id).then(({ confirmedAt }) => ({ confirmedAt })));
      announce(words.answer.wasMeDone);
    });
  const dispute = () =>
    work.run(async () => {
      const { disputedAt } = await api.dispute(login.id);
      setAsking(false);
      change(login.id, { disputedAt });
      announce(words.answer.notMeDone);
      await awaitStanding('locked');
      // The verdict follows the lock; then the row says what was done.
      await delay(verdictMilliseconds);
      await refresh();
    });
  return (
    <div class="answer">
      {!isAsking && <TroubleNotice error={work.error} />}
      <div class="actions">
        {login.confirmedAt === undefined && (
          <button type="button" class="small" aria-disabled={work.isBusy} onClick={() => void confirm()}>
            {words.answer.wasMe}
          </button>
        )}
        <button type="button" class="small warning" onClick={() => setAsking(true)}>
          {words.answer.notMe}
        </button>
      </div>
      {isAsking && <NotMe login={login} place={place} error={work.error} dispute={() => void dispute()} close={() => setAsking(false)} isBusy={work.isBusy} />}
    </div>
  );
}

interface NotMeProps {
  readonly login: HistoryItem;
  readonly place: string;
  readonly error: unknown;
  readonly isBusy: boolean;
  readonly dispute: () => void;
  readonly close: () => void;
}

/** Says what follows, and asks whether that is meant. */
function NotMe({ login, place, error, isBusy, dispute, close }: NotMeProps) {
  const { words, locale } = usePage();
  return (
    <Dialog title={words.answer.question} onClose={close}>
      <p>
        <strong>{words.answer.login(place, wholeTime(login.occurredAt, locale))}</strong>
      </p>
      <ul class="bullets">
        {words.answer.consequences.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <TroubleNotice error={error} />
      <div class="actions end">
        <button type="button" onClick={close}>
          {words.cancel}
        </button>
        <button type="button" class="danger" aria-disabled={isBusy} onClick={dispute}>
          {words.answer.lock}
        </button>
      </div>
    </Dialog>
  );
}

import { useState } from 'preact/hooks';
import { CodeForm } from './code-form.tsx';
import { usePage } from './page.ts';
import { wholeTime } from './time.ts';

/** Says that the account is locked, since when and why, and lifts the lock with a code; and that it was lifted. */
export function LockBanner() {
  const { words, locale, standing, awaitStanding } = usePage();
  // Which lock a code was answered for: another one may follow.
  const [answered, setAnswered] = useState<string>();
  const text = words.locked;
  if (standing?.state !== 'locked') {
    if (answered === undefined) return null;
    return (
      <section class="notice good lock-banner" role="status">
        <h2>{text.unlocked}</h2>
        <p>{text.changePassword}</p>
      </section>
    );
  }
  const lock = standing.since ?? '';
  return (
    <section class="notice bad lock-banner" aria-labelledby="locked-title">
      <h2 id="locked-title">
        <span aria-hidden="true">🔒︎ </span>
        {text.title}
      </h2>
      <p>
        {standing.since !== undefined && text.since(wholeTime(standing.since, locale))} {standing.reason && text.reason[standing.reason]} {text.unlock}
      </p>
      {answered === lock ? (
        <p role="status">{text.unlocking}</p>
      ) : (
        <CodeForm
          onRight={() => {
            setAnswered(lock);
            void awaitStanding('active');
          }}
        />
      )}
    </section>
  );
}

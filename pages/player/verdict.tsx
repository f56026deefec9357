import { useEffect, useState } from 'preact/hooks';
import type { Rule, Verdict } from '../../lambdas/contracts/verdict.ts';
import { isTrouble } from './api.ts';
import { namesOf } from './countries.ts';
import { usePage } from './page.ts';
import { wholeDay } from './time.ts';
import { TroubleNotice } from './trouble.tsx';
import { useWork } from './work.ts';

/** Explains a verdict by its receipt. @param revision changes when the verdict was revised */
export function VerdictExplained({ loginId, revision }: { loginId: string; revision: string }) {
  const { api, words } = usePage();
  const [verdict, setVerdict] = useState<Verdict | 'none'>();
  const work = useWork();
  const { run } = work;
  const load = () =>
    run(async () => {
      try {
        setVerdict(await api.verdict(loginId));
      } catch (error) {
        if (!isTrouble(error, 'not-found')) throw error;
        setVerdict('none');
      }
    });
  useEffect(() => void load(), [loginId, revision]);
  return (
    <section class="verdict">
      <h3>{words.verdict.why}</h3>
      <TroubleNotice error={work.error} retry={() => void load()} />
      {verdict === undefined && work.error === undefined && <p class="skeleton">{words.loading}</p>}
      {verdict === 'none' && <p>{words.verdict.notYet}</p>}
      {verdict !== undefined && verdict !== 'none' && <Receipt verdict={verdict} />}
    </section>
  );
}

function Receipt({ verdict }: { verdict: Verdict }) {
  const { words, locale } = usePage();
  const text = words.verdict;
  const { homeCountries, trips } = verdict.settings;
  return (
    <>
      <p>{verdict.text[locale]}</p>
      <h4>{text.rules}</h4>
      <ul class="rules">
        {verdict.rules.map((rule) => (
          <RuleLine key={rule.rule} rule={rule} />
        ))}
      </ul>
      <h4>{text.settings}</h4>
      <p>
        {text.version(verdict.settingsVersion)} {text.home(namesOf(homeCountries, locale))}{' '}
        {trips.length === 0 && text.noTrips}
        {trips.map((trip) => text.trip(namesOf(trip.countries, locale), wholeDay(trip.from, locale), wholeDay(trip.until, locale))).join(' ')}
      </p>
      <h4>{text.database}</h4>
      <p>{text.builtOn(verdict.geoDatabase.name, wholeDay(verdict.geoDatabase.buildDate.slice(0, 10), locale))}</p>
      <h4>{text.proof}</h4>
      <p>{text.proofText}</p>
      <p>
        <code>{verdict.digest}</code>
      </p>
      <button type="button" class="small" onClick={() => save(verdict)}>
        {text.save}
      </button>
    </>
  );
}

function RuleLine({ rule: { rule, held, text } }: { rule: Rule }) {
  const { words, locale } = usePage();
  return (
    <li class={held ? 'held' : ''}>
      <span aria-hidden="true">{held ? '●' : '○'}</span>
      <span>
        <strong>
          {words.history.trigger[rule]} <span class="faint">({held ? words.verdict.held : words.verdict.notHeld})</span>
        </strong>
        <br />
        {text[locale]}
      </span>
    </li>
  );
}

/** Hands the receipt over as a file. */
function save(verdict: Verdict): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(verdict, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  Object.assign(link, { href: url, download: `verdict-${verdict.loginId}.json` });
  link.click();
  URL.revokeObjectURL(url);
}

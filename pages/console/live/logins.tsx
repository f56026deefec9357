import { useState } from 'preact/hooks';
import type { ConsoleLogin, ConsoleVerdict } from '../../../local/console/types.ts';
import { countryName, flagOf } from '../../shared/place.ts';
import { momentOf } from '../format.ts';
import { Table } from '../table.tsx';
import { Section } from './section.tsx';

/** So many are shown at first. */
const few = 10;

/** The last logins with what became of them. Addresses are not shown. */
export function Logins({ logins, at }: { logins: readonly ConsoleLogin[]; at: number }) {
  const [showsAll, setShowsAll] = useState(false);
  return (
    <Section id="logins" title="The last logins" aside={<p class="faint small">addresses are not shown</p>}>
      <div class="card">
        <Table
          caption="The last logins, newest first"
          rows={showsAll ? logins : logins.slice(0, few)}
          keyOf={({ loginId }) => loginId}
          empty="None since this run began. Post one, or start with --sample."
          columns={[
            { title: 'Account', cell: ({ accountId }) => <span class="account" title={accountId}>{accountId}</span> },
            { title: 'When', cell: ({ occurredAt }) => <time dateTime={occurredAt}>{momentOf(Date.parse(occurredAt), at)}</time> },
            { title: 'Country', cell: (login) => <Country login={login} /> },
            { title: 'Outcome', cell: ({ outcome }) => <span class={outcome === 'success' ? 'chip good' : 'chip'}>{outcome}</span> },
            { title: 'Verdict', cell: ({ verdict }) => (verdict ? <Triggers verdict={verdict} /> : <span class="faint">not notable</span>) },
            { title: 'Actions', cell: ({ verdict }) => verdict && <Actions verdict={verdict} /> },
          ]}
        />
        {logins.length > few && (
          <button type="button" class="quiet more" aria-expanded={showsAll} onClick={() => setShowsAll(!showsAll)}>
            {showsAll ? 'Show fewer' : `Show all ${logins.length}`}
          </button>
        )}
      </div>
    </Section>
  );
}

function Country({ login: { country, unlocatedReason } }: { login: ConsoleLogin }) {
  if (country === null) return <span class="faint">not located{unlocatedReason && `: ${words(unlocatedReason)}`}</span>;
  return (
    <>
      <span aria-hidden="true">{flagOf(country)}</span> {countryName(country, 'en')}
    </>
  );
}

const words = (name: string): string => name.replaceAll('_', ' ');

const Triggers = ({ verdict: { triggers } }: { verdict: ConsoleVerdict }) =>
  triggers.length === 0 ? (
    <span class="faint">no trigger</span>
  ) : (
    <span class="chips">
      {triggers.map((trigger) => (
        <span key={trigger} class="chip warn">
          {words(trigger)}
        </span>
      ))}
    </span>
  );

/** Each action with how it ended; without one, what the player chose all the same. */
function Actions({ verdict: { responses, actions } }: { verdict: ConsoleVerdict }) {
  if (actions.length === 0) return <span class="faint">{responses.map(words).join(', ') || 'none'}</span>;
  return (
    <span class="chips">
      {actions.map(({ response, outcome }) => (
        <span key={response} class={outcome === 'done' ? 'chip good' : outcome === 'failed' || outcome === 'unknown' ? 'chip bad' : 'chip'}>
          {words(response)}: {outcome === null ? 'under way' : words(outcome)}
        </span>
      ))}
    </span>
  );
}

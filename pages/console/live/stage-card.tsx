import type { Stage } from '../../../local/console/types.ts';
import { count, durationOf, shortCount } from '../format.ts';
import { Sign } from '../header.tsx';

/** A service: what came in, what became of it, and what is odd. */
export function StageCard({ stage: { name, purpose, figures, ageP99, waiting, dead, alarm } }: { stage: Stage }) {
  const { received, emitted, swallowed, failed, parked } = figures;
  return (
    <li class="stage card" title={purpose}>
      <h3>
        <Sign is={alarm === 'ALARM' ? 'bad' : 'good'} />
        {name}
        {alarm === 'ALARM' && <span class="heard"> in alarm</span>}
      </h3>
      <dl class="figures">
        <Figure label="in" value={received} isLarge />
        <Figure label="out" value={emitted} isLarge />
      </dl>
      <Shares emitted={emitted} swallowed={swallowed} failed={failed + parked} />
      <dl class="small-figures">
        <Figure label="swallowed" value={swallowed} />
        <Figure label="waiting" value={waiting} />
        {ageP99 !== null && (
          <div title="99 of 100 events were younger when this service was done with them">
            <dt>p99 age</dt>
            <dd>{durationOf(ageP99)}</dd>
          </div>
        )}
        {failed > 0 && <Figure label="failed" value={failed} is="warn" />}
        {parked > 0 && <Figure label="parked" value={parked} is="bad" />}
        {dead > 0 && <Figure label="dead letters" value={dead} is="bad" />}
      </dl>
    </li>
  );
}

const Figure = ({ label, value, is, isLarge }: { label: string; value: number; is?: 'warn' | 'bad'; isLarge?: boolean }) => (
  <div class={is}>
    <dt>{label}</dt>
    <dd>{isLarge ? shortCount(value) : count(value)}</dd>
  </div>
);

/** What became of the events, as parts of a bar; the numbers beside it say the same. */
function Shares({ emitted, swallowed, failed }: { emitted: number; swallowed: number; failed: number }) {
  const total = Math.max(1, emitted + swallowed + failed);
  const part = (name: string, value: number) => <span key={name} class={name} style={{ width: `${(100 * value) / total}%` }} />;
  return (
    <span class="shares" aria-hidden="true">
      {part('emitted', emitted)}
      {part('swallowed', swallowed)}
      {part('failed', failed)}
    </span>
  );
}

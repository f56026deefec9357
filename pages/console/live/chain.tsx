import type { ConsoleState, Flow, Stage } from '../../../local/console/types.ts';
import { timeOf, times } from '../format.ts';
import { ranges } from '../view.ts';
import { Flows } from './flows.tsx';
import { Hop } from './hop.tsx';
import { Section } from './section.tsx';
import { StageCard } from './stage-card.tsx';

/** The chain as a row: each service behind the one whose events it waits for, with what passed between them. On a phone it is a column. */
export function Chain({ state: { stages, flows, minutes, subscriptions, at, since } }: { state: ConsoleState }) {
  const columns = [...Map.groupBy(stages, ({ column }) => column).entries()].toSorted(([a], [b]) => a - b);
  const words = ranges.find((range) => range.minutes === minutes)?.words;
  const isYoung = since > at - minutes * 60_000;
  return (
    <Section id="chain" title="The chain" aside={
        <p class="faint small">
          the {words}
          {isYoung && `; between the services since this run began, ${timeOf(since)}`}
        </p>
      }
    >
      <ol class="chain">
        {columns.map(([column, beside]) => (
          <li key={column} class="column">
            {column > 0 && <Hop flows={flowsInto(column, beside, flows, subscriptions.map(({ name }) => name))} />}
            <ul class="stages" aria-label={column === 0 ? 'First' : `Step ${column}`}>
              {inOrder(beside, flows, columns.find(([next]) => next === column + 1)?.[1] ?? []).map((stage) => (
                <StageCard key={stage.name} stage={stage} />
              ))}
            </ul>
          </li>
        ))}
      </ol>
      <Back flows={flows} stages={stages} />
      <Flows flows={flows} />
    </Section>
  );
}

/** What comes to a column from the one before it, on the way of a login. Subscriptions are the http-bridge. */
function flowsInto(column: number, beside: readonly Stage[], flows: readonly Flow[], subscriptions: readonly string[]): Flow[] {
  const names = new Set(beside.flatMap(({ name }) => (name === 'http-bridge' ? [name, ...subscriptions] : [name])));
  return flows.filter(({ hop, to }) => hop === column - 1 && to.some((name) => names.has(name)));
}

/** Those that the way goes on from stand first, on the line. */
function inOrder(beside: readonly Stage[], flows: readonly Flow[], next: readonly Stage[]): Stage[] {
  const goesOn = ({ name, column }: Stage): boolean => flows.some(({ hop, from, to }) => hop === column && from.includes(name) && next.some((stage) => to.includes(stage.name)));
  return beside.toSorted((a, b) => Number(goesOn(b)) - Number(goesOn(a)));
}

/** What later stages tell earlier ones. */
function Back({ flows, stages }: { flows: readonly Flow[]; stages: readonly Stage[] }) {
  const columnOf = new Map(stages.map(({ name, column }) => [name, column]));
  const back = flows.flatMap(({ event, hop, to, count }) => {
    const earlier = hop === null ? [] : to.filter((name) => (columnOf.get(name) ?? Infinity) <= hop);
    return earlier.length > 0 ? [{ event, count, earlier }] : [];
  });
  if (back.length === 0) return null;
  return (
    <p class="back faint small">
      Back along the chain:{' '}
      {back.map(({ event, count, earlier }, index) => (
        <span key={event}>
          {index > 0 && '; '}
          {times(count, event, event)} to {earlier.join(' and ')}
        </span>
      ))}
      .
    </p>
  );
}

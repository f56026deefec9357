import type { Backlog, ConsoleState, SubscriptionState } from '../../../local/console/types.ts';
import { count, durationOf } from '../format.ts';
import { type Column, Table } from '../table.tsx';
import { Section } from './section.tsx';

/** What waits for each consumer, and what was put aside. */
export function Backlogs({ state: { bus, backlogs, subscriptions } }: { state: ConsoleState }) {
  const subscriptionOf = new Map(subscriptions.map((each) => [each.name, each]));
  const aside = bus === 'kafka' ? 'Failed' : 'Dead letters';
  const columns: (Column<Backlog> | false)[] = [
    { title: 'Consumer', cell: ({ consumer }) => <Consumer name={consumer} subscription={subscriptionOf.get(consumer)} /> },
    { title: bus === 'kafka' ? 'Lag' : 'Waiting', isNumber: true, cell: ({ waiting }) => count(waiting) },
    bus === 'sns' && { title: 'In flight', isNumber: true, cell: ({ inFlight }) => count(inFlight ?? 0) },
    bus === 'sns' && { title: 'Oldest', isNumber: true, cell: ({ oldestSeconds }) => (oldestSeconds === null ? <None /> : durationOf(oldestSeconds)) },
    { title: aside, isNumber: true, cell: ({ dead }) => <Aside value={dead} /> },
    bus === 'sns' && { title: 'Undelivered', isNumber: true, cell: ({ undelivered }) => <Aside value={undelivered ?? 0} /> },
  ];
  return (
    <Section id="queues" title={bus === 'kafka' ? 'Consumer groups' : 'Queues'}>
      <div class="card">
        <Table caption="What waits for each consumer" rows={backlogs} keyOf={({ consumer }) => consumer} columns={columns.filter((column) => column !== false)} empty="There are no consumers." />
      </div>
    </Section>
  );
}

function Consumer({ name, subscription }: { name: string; subscription: SubscriptionState | undefined }) {
  if (!subscription) return name;
  const { breaker, endpoint, heldBatches } = subscription;
  return (
    <>
      {name} {breaker === 'closed' ? <span class="chip good">works</span> : <span class="chip warn">{breaker === 'open' ? 'breaker open' : 'paused'}</span>}
      <span class="faint small under">
        {endpoint}
        {heldBatches > 0 && `, ${count(heldBatches)} held in S3`}
      </span>
    </>
  );
}

const None = () => (
  <>
    <span aria-hidden="true">–</span>
    <span class="heard">none</span>
  </>
);

const Aside = ({ value }: { value: number }) => (value > 0 ? <span class="chip bad">{count(value)}</span> : <>0</>);

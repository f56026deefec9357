import type { Flow } from '../../../local/console/types.ts';
import { count, times } from '../format.ts';
import { Table } from '../table.tsx';

/** Every event type on the bus, with who emits and who takes it: also those that are not on a login's way. */
export const Flows = ({ flows }: { flows: readonly Flow[] }) => (
  <details class="card fold">
    <summary>All {times(flows.length, 'event type')} on the bus</summary>
    <Table
      caption="Events on the bus, by type"
      rows={flows}
      keyOf={({ event }) => event}
      empty="There are no event types."
      columns={[
        { title: 'Event', cell: ({ event }) => <code>{event}</code> },
        { title: 'Count', isNumber: true, cell: (flow) => count(flow.count) },
        { title: 'From', cell: ({ from }) => some(from) },
        { title: 'To', cell: ({ to }) => some(to) },
      ]}
    />
  </details>
);

const some = (names: readonly string[]) => (names.length === 0 ? 'nobody' : names.join(', '));

import type { ConsoleAlarm } from '../../../local/console/types.ts';
import { durationOf, times } from '../format.ts';
import { Sign } from '../header.tsx';
import { Table } from '../table.tsx';
import { Section } from './section.tsx';

interface AlarmsProps {
  readonly alarms: readonly ConsoleAlarm[];
  /** Now, in epoch milliseconds. */
  readonly at: number;
  readonly openRunbook: (anchor: string) => void;
  readonly openDashboard: (name: string) => void;
}

/** What is wrong, in plain words, and what to do; all others behind a fold. */
export function Alarms({ alarms, at, ...open }: AlarmsProps) {
  const firing = alarms.filter(({ state }) => state === 'ALARM');
  const others = alarms.filter(({ state }) => state !== 'ALARM');
  return (
    <Section id="alarms" title="Alarms" aside={<p class="faint small">{times(alarms.length, 'alarm')} of the templates</p>}>
      {firing.length === 0 && (
        <p class="notice good quiet">
          <span>
            <Sign is="good" /> No alarm fires.
          </span>
        </p>
      )}
      <ul class="firing">
        {firing.map((alarm) => (
          <Firing key={alarm.name} alarm={alarm} at={at} {...open} />
        ))}
      </ul>
      {others.length > 0 && (
        <details class="card fold">
          <summary>{times(others.length, 'other alarm')}</summary>
          <Table
            caption="Alarms that do not fire"
            rows={others}
            keyOf={({ name }) => name}
            empty=""
            columns={[
              { title: 'Alarm', cell: ({ name }) => name },
              { title: 'State', cell: ({ state }) => (state === 'OK' ? <span class="chip good">OK</span> : <span class="chip">no data yet</span>) },
              { title: 'Severity', cell: ({ severity }) => severity ?? '' },
              { title: 'What would break', cell: ({ errorImpact }) => errorImpact },
              { title: 'Runbook', cell: (alarm) => <Runbook alarm={alarm} openRunbook={open.openRunbook} /> },
            ]}
          />
        </details>
      )}
    </Section>
  );
}

function Firing({ alarm, at, openRunbook, openDashboard }: Omit<AlarmsProps, 'alarms'> & { alarm: ConsoleAlarm }) {
  const { name, severity, since, errorImpact, reason, dashboard } = alarm;
  return (
    <li class="alarm card">
      <h3>
        <Sign is="bad" /> {name}
      </h3>
      <p class="meta">
        {severity && <span class={severity === 'critical' ? 'chip bad' : 'chip warn'}>{severity}</span>} <span class="faint small">for {durationOf(Math.max(0, (at - since) / 1000))}</span>
      </p>
      <p class="impact">{errorImpact}</p>
      <p class="faint small reason">{reason}</p>
      <p class="do">
        <Runbook alarm={alarm} openRunbook={openRunbook} />
        {dashboard && (
          <button type="button" class="small" onClick={() => openDashboard(dashboard)}>
            Dashboard<span class="heard"> of {name}</span>
          </button>
        )}
      </p>
    </li>
  );
}

function Runbook({ alarm: { name, runbook }, openRunbook }: { alarm: ConsoleAlarm } & Pick<AlarmsProps, 'openRunbook'>) {
  if (!runbook) return null;
  return (
    <button type="button" class="small" onClick={() => openRunbook(runbook)}>
      What to do<span class="heard"> about {name}</span>
    </button>
  );
}

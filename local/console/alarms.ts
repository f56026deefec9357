import type { AlarmState, AlarmStatus } from '../cloudwatch/types.ts';
import type { ConsoleAlarm } from './types.ts';

const order: readonly AlarmState[] = ['ALARM', 'INSUFFICIENT_DATA', 'OK'];

/** Alarms with what their descriptions say, what is wrong first. */
export const readAlarms = (alarms: readonly AlarmStatus[]): ConsoleAlarm[] =>
  alarms
    .map(({ description, ...alarm }) => ({ ...alarm, ...readDescription(description) }))
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name));

/** The worst state of some alarms. */
export const worstOf = (alarms: readonly Pick<ConsoleAlarm, 'state'>[]): AlarmState => (alarms.some(({ state }) => state === 'ALARM') ? 'ALARM' : 'OK');

/** An alarm's description: what breaks for whom, then lines with its severity, its heading of the runbook, and the dashboard on which it is seen. */
function readDescription(description: string): Pick<ConsoleAlarm, 'errorImpact' | 'severity' | 'runbook' | 'dashboard'> {
  const line = (name: string): string | null => new RegExp(`^${name}: (.+)$`, 'm').exec(description)?.[1] ?? null;
  return { errorImpact: description.split('\n')[0] ?? '', severity: line('Severity'), runbook: line('Runbook')?.split('#')[1] ?? null, dashboard: line('Dashboard') };
}

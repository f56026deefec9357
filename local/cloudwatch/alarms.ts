import { type Alarm, evaluateAlarm } from './alarm.ts';
import { alarmNameOf, type CompositeAlarm, readRule, type Rule } from './composite.ts';
import type { Monitoring } from './template.ts';
import type { MetricStore } from './store.ts';
import type { AlarmState, AlarmStatus } from './types.ts';

export type AlarmListener = (alarm: AlarmStatus, before: AlarmState) => void;

/** The alarms of the templates, and what state they are in. */
export interface Alarms {
  /** Evaluates all of them over the minutes that are over. */
  evaluate(): void;
  list(): readonly AlarmStatus[];
  /** By its name, or the end of its ARN. */
  status(alarm: string): AlarmStatus | undefined;
  definition(alarm: string): Alarm | undefined;
  readonly listeners: Set<AlarmListener>;
}

/**
 * Evaluates alarms a little after a minute is over, in milliseconds of CloudWatch: what was measured in it comes a moment later.
 */
const settling = 10_000;

/** Watches the metric alarms, and after them the composite ones, which look at other alarms. */
export function watchAlarms({ alarms, compositeAlarms }: Pick<Monitoring, 'alarms' | 'compositeAlarms'>, store: MetricStore, now: () => number): Alarms {
  const listeners = new Set<AlarmListener>();
  const statuses = new Map<string, AlarmStatus>();
  const startedAt = now();
  const begin = ({ name, description }: Alarm | CompositeAlarm): void => {
    statuses.set(name, { name, description, state: 'INSUFFICIENT_DATA', since: now(), reason: 'Unchecked: Initial alarm creation' });
  };
  for (const alarm of [...alarms, ...compositeAlarms]) begin(alarm);
  const stateOf = (name: string): AlarmState => {
    const status = statuses.get(alarmNameOf(name));
    if (!status) throw new Error(`A composite alarm looks at ${name}, which no template has.`);
    return status.state;
  };
  const change = (name: string, state: AlarmState | undefined, reason: string): void => {
    const before = statuses.get(name);
    if (!before || state === undefined || state === before.state) return;
    const status = { ...before, state, reason, since: now() };
    statuses.set(name, status);
    for (const listener of listeners) listener(status, before.state);
  };
  const rules = inOrder(compositeAlarms);
  // Whatever a rule looks at is there from the start.
  for (const { rule } of rules) rule.holds(stateOf);
  return {
    listeners,
    list: () => [...statuses.values()],
    status: (name) => statuses.get(alarmNameOf(name)),
    definition: (name) => alarms.find((alarm) => alarm.name === alarmNameOf(name)),
    evaluate: () => {
      for (const alarm of alarms) {
        if (isTooYoung(alarm, now() - settling - startedAt)) continue;
        const { state, reason } = evaluateAlarm(alarm, store, now() - settling);
        change(alarm.name, state, reason);
      }
      for (const { name, rule } of rules) {
        const alarming = rule.alarms.filter((each) => stateOf(each) === 'ALARM').map(alarmNameOf);
        change(name, rule.holds(stateOf) ? 'ALARM' : 'OK', alarming.length === 0 ? 'No alarm of its rule is in ALARM.' : `In ALARM: ${alarming.join(', ')}.`);
      }
    },
  };
}

/**
 * Whether an alarm to which silence is the fault looks back to before the start. On AWS that happens once, when it is made; here at each start, where nothing
 * can have been heard yet.
 *
 * @param age since the start, in milliseconds
 */
const isTooYoung = ({ treatMissingData, evaluationPeriods, queries, watched }: Alarm, age: number): boolean =>
  treatMissingData === 'breaching' && age < evaluationPeriods * (queries[watched]?.periodSeconds ?? 60) * 1000;

/** Composite alarms after those that they look at. @throws when they look at each other in a circle */
function inOrder(all: readonly CompositeAlarm[]): { readonly name: string; readonly rule: Rule }[] {
  const left = new Map(all.map(({ name, rule }) => [name, readRule(rule)]));
  const ordered: { name: string; rule: Rule }[] = [];
  while (left.size > 0) {
    const next = [...left].find(([, { alarms }]) => alarms.every((alarm) => !left.has(alarmNameOf(alarm))));
    if (!next) throw new Error(`Composite alarms look at each other in a circle: ${[...left.keys()].join(', ')}.`);
    ordered.push({ name: next[0], rule: next[1] });
    left.delete(next[0]);
  }
  return ordered;
}

import { eventNameOf } from '../../lambdas/contracts/events.ts';
import { type EventName, eventType } from '../../lambdas/contracts/names.ts';
import { loginAcceptedMessage } from '../../lambdas/runtime/event-log.ts';
import { services } from '../../lib/services.ts';
import { spanOf, tableOf } from '../table.ts';
import type { Line } from './lines.ts';

/** A login's way: its stages in the order of time, what was done about it, and what one would expect and does not find. */
export interface Way {
  readonly stages: readonly Line[];
  /** The events of actions: notices, kicks, locks. */
  readonly actions: readonly Line[];
  readonly missing: readonly string[];
}

const short = (type: string): string => eventNameOf(type) ?? type;
const isOfAction = ({ eventType: type }: Line): boolean => short(type).startsWith('action.');
const stageOrder = new Map(services.map(({ name }, index) => [name, index]));
const byTime = (a: Line, b: Line): number => a.timestamp.localeCompare(b.timestamp) || (stageOrder.get(a.service) ?? 0) - (stageOrder.get(b.service) ?? 0);

export function wayOf(lines: readonly Line[], now: Date): Way {
  const sorted = lines.toSorted(byTime);
  return { stages: sorted.filter((line) => !isOfAction(line)), actions: sorted.filter(isOfAction), missing: missingIn(sorted, now) };
}

/** What is on the bus by these lines, and was seen at no consumer yet. */
function missingIn(lines: readonly Line[], now: Date): string[] {
  const missing: string[] = [];
  const published = new Map<EventName, Line>();
  for (const line of lines) {
    for (const type of line.outcome === undefined ? [line.eventType] : (line.emitted ?? [])) {
      const name = eventNameOf(type);
      if (name !== undefined && !published.has(name)) published.set(name, line);
    }
  }
  const seen = (name: EventName, service: string): boolean => lines.some((line) => line.eventType === eventType(name) && line.service === service && line.outcome !== undefined);
  for (const [name, by] of published) {
    const consumers = services.flatMap(({ name: service, consumer }) => (consumer?.consumes ?? []).flatMap(({ event, filter }) => (event === name ? [{ service, isFiltered: filter !== undefined }] : [])));
    const since = `${name} is on the bus since ${spanOf(now.getTime() - Date.parse(by.timestamp))} ago, from ${by.service}`;
    const waiting = consumers.filter(({ service, isFiltered }) => !isFiltered && !seen(name, service));
    for (const { service } of waiting) missing.push(`nothing from ${service} yet: ${since}`);
    // Each gets its own part of these, and lines do not tell which: some consumer must have seen one.
    const parts = consumers.filter(({ isFiltered }) => isFiltered).map(({ service }) => service);
    if (parts.length > 0 && ![...parts, 'http-bridge'].some((service) => seen(name, service))) missing.push(`nothing from ${parts.join(', ')} or an endpoint yet: ${since}`);
  }
  for (const line of lines) {
    if (line.outcome !== 'failed') continue;
    const isDone = lines.some((each) => each.service === line.service && each.eventType === line.eventType && each.outcome !== 'failed' && each.timestamp >= line.timestamp);
    if (!isDone) missing.push(`${line.service} failed with ${short(line.eventType)}, and has not done it since`);
  }
  return [...new Set(missing)];
}

/** The line that put onto the bus what another is about: the last before it. */
const causeOf = (line: Line, all: readonly Line[]): Line | undefined =>
  line.outcome === undefined
    ? undefined
    : all.filter((each) => each.timestamp <= line.timestamp && (each.outcome === undefined ? [each.eventType] : (each.emitted ?? [])).includes(line.eventType)).toSorted(byTime).at(-1);

/** The way in words: a table with the time since what led to each line, and what is missing. */
export function told({ stages, actions, missing }: Way): string[] {
  const all = [...stages, ...actions];
  const [first] = all;
  if (!first) return [];
  const head = ['time (UTC)', 'age', 'after', 'service', 'event', 'outcome', 'led to', 'reason'];
  const rowsOf = (some: readonly Line[]): string[][] =>
    some.map((line) => {
      const cause = causeOf(line, all);
      return [
        line.timestamp.slice(11, 23),
        line.ageSeconds === undefined ? '' : `${line.ageSeconds.toFixed(1)} s`,
        cause ? `+${((Date.parse(line.timestamp) - Date.parse(cause.timestamp)) / 1000).toFixed(1)} s` : '',
        line.subscription === undefined ? line.service : `${line.service} ${line.subscription}`,
        short(line.eventType),
        [line.outcome ?? 'accepted', line.delivery].filter((each) => each !== undefined).join(', '),
        [...Map.groupBy(line.emitted ?? [], (type) => type)].map(([type, { length }]) => (length > 1 ? `${length} × ${short(type)}` : short(type))).join(', '),
        line.reason ?? '',
      ];
    });
  const [before, after] = [rowsOf(stages), rowsOf(actions)];
  const table = tableOf(head, [...before, ...after]);
  const notes = missing.length > 0 ? ['', ...missing] : [];
  if (!stages.some(({ message, service }) => message === loginAcceptedMessage || service === 'ip-checker')) {
    notes.push('', 'Of the stages before there are no lines: this login was not of the share that is logged from the start (traceSampling), and is logged since it turned out notable.');
  }
  return [`on ${first.timestamp.slice(0, 10)}`, ...table.slice(0, 1 + before.length), ...(after.length > 0 ? ['actions', ...table.slice(1 + before.length)] : []), ...notes];
}

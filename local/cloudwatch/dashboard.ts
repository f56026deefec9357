import { minute } from './clock.ts';
import { checkQueries, type Query, runQueries } from './queries.ts';
import { gridOver, type TimeSeries } from './series.ts';
import type { MetricStore } from './store.ts';
import type { DrawnSeries, MetricId, Widget } from './types.ts';

/** A dashboard of the templates: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
export interface Dashboard {
  readonly name: string;
  readonly widgets: readonly Widget[];
}

const types = new Set(['metric', 'text', 'alarm', 'log']);
/** What a widget that says nothing shows. */
const defaultPeriodSeconds = 300;
const defaultStatistic = 'Average';

/** A line of a graph, and how it is drawn. */
export interface Line {
  readonly query: Query;
  readonly isVisible: boolean;
  readonly yAxis: 'left' | 'right';
  readonly color: string | undefined;
}

/** Refuses by name what of a dashboard the local run does not know. */
export function checkDashboard({ name, widgets }: Dashboard): void {
  for (const widget of widgets) {
    try {
      if (!types.has(widget.type)) throw new Error(`The local run's CloudWatch does not know a widget of the type ${widget.type}.`);
      checkQueries(linesOf(widget).map(({ query }) => query));
    } catch (error) {
      throw new Error(`Dashboard ${name}, widget ${JSON.stringify(widget.properties['title'] ?? widget.type)}: ${(error as Error).message}`, { cause: error });
    }
  }
}

interface Options {
  readonly id?: string;
  readonly expression?: string;
  readonly stat?: string;
  readonly period?: number;
  readonly label?: string;
  readonly visible?: boolean;
  readonly yAxis?: 'left' | 'right';
  readonly color?: string;
}

/** The lines of a metric widget; none of any other. */
export function linesOf({ type, properties }: Widget): Line[] {
  if (type !== 'metric') return [];
  const { period, stat } = properties as { period?: number; stat?: string };
  let before: readonly string[] = [];
  return ((properties['metrics'] ?? []) as readonly (readonly (string | Options)[])[]).map((row) => {
    const last = row.at(-1);
    const options: Options = typeof last === 'object' ? last : {};
    const names = spelledOut(row.filter((each) => typeof each === 'string'), before);
    if (names.length > 0) before = names;
    const { id, label, expression, visible = true, yAxis = 'left', color } = options;
    const periodSeconds = options.period ?? period ?? defaultPeriodSeconds;
    const what = expression === undefined ? { metric: metricOf(names), statistic: options.stat ?? stat ?? defaultStatistic } : { expression };
    return { query: { id, what, periodSeconds, label }, isVisible: visible, yAxis, color };
  });
}

/** `.` stands for what is at that place in the row before, `...` for the whole row but what follows. */
function spelledOut(row: readonly string[], before: readonly string[]): string[] {
  if (row[0] === '...') return [...before.slice(0, before.length - row.length + 1), ...row.slice(1)];
  return row.map((name, index) => (name === '.' ? (before[index] ?? '') : name));
}

function metricOf([namespace = '', name = '', ...rest]: readonly string[]): MetricId {
  const pairs = Array.from({ length: rest.length / 2 }, (_, index) => [rest[2 * index], rest[2 * index + 1]]);
  return { namespace, name, dimensions: Object.fromEntries(pairs) as Record<string, string> };
}

/** What the lines of a widget show of the last so many minutes. */
export function drawLines(lines: readonly Line[], store: MetricStore, now: number, minutes: number, wholeRange = false): DrawnSeries[] {
  const range = minutes * minute;
  const gridOf = (period: number) => (wholeRange ? { period: range, times: [Math.ceil(now / minute) * minute - range] } : gridOver(now - range, now, period));
  const drawn = runQueries(lines.map(({ query }) => query), store, gridOf);
  return lines.flatMap(({ isVisible, yAxis, color }, index) =>
    isVisible ? (drawn[index] ?? []).map((series) => ({ ...seriesOf(series), yAxis, color })) : [],
  );
}

const seriesOf = ({ label, unit, grid, values }: TimeSeries) => ({
  label,
  unit,
  points: values.flatMap((value, index): [number, number][] => (value === undefined ? [] : [[grid.times[index] ?? 0, value]])),
});

import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  type Dashboard,
  GraphWidget,
  type HorizontalAnnotation,
  type IAlarm,
  type IMetric,
  type IWidget,
  LegendPosition,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { evenly } from '../evenly.ts';
import { heading } from './text.ts';

/** One chart, wherever it will stand. */
export interface Graph {
  readonly title: string;
  /** What the left axis counts. */
  readonly unit: string;
  readonly left: readonly IMetric[];
  readonly right?: readonly IMetric[];
  readonly rightUnit?: string;
  /** `line` when left out; `stack` for parts of a whole; `value` for what is one number now. */
  readonly as?: 'line' | 'stack' | 'value';
  /** Lines at values of the left axis that mean something. */
  readonly marks?: readonly HorizontalAnnotation[];
}

/** Columns of a dashboard. */
const columns = 24;
/** Height of a chart in rows, and of a number. */
const chartHeight = 6;

/** A graph as a widget. */
function widgetOf({ title, unit, left, right = [], rightUnit = '', as = 'line', marks = [] }: Graph, width: number, height: number): IWidget {
  const period = Duration.minutes(1);
  if (as === 'value') return new SingleValueWidget({ title, metrics: [...left], width, height, period, setPeriodToTimeRange: false });
  return new GraphWidget({
    title,
    left: [...left],
    right: [...right],
    width,
    height,
    period,
    stacked: as === 'stack',
    leftYAxis: { label: unit, min: 0, showUnits: false },
    ...(right.length > 0 && { rightYAxis: { label: rightUnit, min: 0, showUnits: false } }),
    leftAnnotations: [...marks],
    legendPosition: LegendPosition.BOTTOM,
  });
}

/** The columns of a row of so many widgets: all 24, as evenly as they go. */
export const widthsOf = (count: number): number[] => Array.from({ length: count }, (_, index) => Math.floor((columns * (index + 1)) / count) - Math.floor((columns * index) / count));

/** Adds graphs in rows of at most so many, each row over the whole width. */
export function addGraphs(dashboard: Dashboard, graphs: readonly Graph[], perRow: number): void {
  for (const row of evenly(graphs, perRow)) {
    const widths = widthsOf(row.length);
    dashboard.addWidgets(...row.map((graph, index) => widgetOf(graph, widths[index] ?? columns, chartHeight)));
  }
}

/** Adds graphs under a heading; nothing when there are none. */
export function addSection(dashboard: Dashboard, title: string, graphs: readonly Graph[], perRow: number): void {
  if (graphs.length === 0) return;
  dashboard.addWidgets(heading(title));
  addGraphs(dashboard, graphs, perRow);
}

/** Alarms that a widget takes. */
const maxAlarms = 100;

/** Adds the states of alarms; nothing when there are none. */
export function addAlarms(dashboard: Dashboard, title: string, alarms: readonly IAlarm[]): void {
  for (const some of evenly(alarms, maxAlarms)) dashboard.addWidgets(new AlarmStatusWidget({ title, alarms: [...some], width: columns, height: alarmsHeight(some.length) }));
}

/** What a dashboard shows until somebody chooses another time. */
export const defaultInterval = Duration.hours(3);

/** Rows that the states of so many alarms need: about seven stand beside each other, and a title above. */
const alarmsHeight = (count: number): number => 1 + Math.ceil(count / 7);

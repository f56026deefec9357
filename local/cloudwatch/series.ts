import type { MetricStore } from './store.ts';
import { statisticOf } from './statistics.ts';
import type { MetricId } from './types.ts';

/** Periods of one length, one after the other. */
export interface Grid {
  /** In milliseconds. */
  readonly period: number;
  /** Their starts, in epoch milliseconds. */
  readonly times: readonly number[];
}

/** A value for each period of a grid, or none where it is missing. */
export interface TimeSeries {
  readonly grid: Grid;
  readonly values: readonly (number | undefined)[];
  readonly label: string;
  readonly unit?: string | undefined;
  /** Of a metric as it is: which one it is, and its statistic. */
  readonly source?: { readonly metric: MetricId; readonly statistic: string } | undefined;
}

/** A metric by one of its statistics. */
export interface MetricStat {
  readonly metric: MetricId;
  readonly statistic: string;
  /** Only values of this unit; of any when left out. */
  readonly unit?: string | undefined;
}

/** The last periods until a moment, so many of them. */
export function gridUntil(end: number, period: number, count: number): Grid {
  return { period, times: Array.from({ length: count }, (_, index) => end - (count - index) * period) };
}

/** The periods of a graph, which begin at multiples of their length; the last one is not over. */
export function gridOver(start: number, end: number, period: number): Grid {
  const first = Math.floor(start / period);
  return { period, times: Array.from({ length: Math.floor(end / period) - first + 1 }, (_, index) => (first + index) * period) };
}

/** What a metric was in each period. */
export function readSeries(store: MetricStore, { metric, statistic, unit }: MetricStat, grid: Grid): TimeSeries {
  const of = statisticOf(statistic);
  const actual = store.unitOf(metric);
  const isOther = unit !== undefined && unit !== actual;
  const values = grid.times.map((time) => {
    const bucket = isOther ? undefined : store.between(metric, time, time + grid.period);
    return bucket && of(bucket);
  });
  return { grid, values, label: metric.name, unit: statistic === 'SampleCount' ? 'Count' : actual, source: { metric, statistic } };
}

/** The values that are not missing. */
export const present = ({ values }: TimeSeries): number[] => values.filter((value) => value !== undefined);

/** Each value made into another; what is no number is dropped, as CloudWatch does after a division by zero. */
export function map(series: TimeSeries, of: (value: number, index: number) => number | undefined): TimeSeries {
  return withValues(series, series.values.map((value, index) => (value === undefined ? undefined : of(value, index))));
}

export function withValues(series: TimeSeries, values: readonly (number | undefined)[]): TimeSeries {
  return { ...series, values: values.map((value) => (Number.isFinite(value) ? value : undefined)) };
}

import { type Grid, map, present, type TimeSeries, withValues } from '../series.ts';
import { isList, type Value } from './operators.ts';

/** What a function of metric math is given: values, and words such as DESC. */
export type Parameter = Value | { readonly word: string };
type MathFunction = (parameters: readonly Parameter[], grid: Grid) => Value;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const average = (values: readonly number[]): number => sum(values) / values.length;

/** Of one series a number, of a list the series of what its series come to in each period. */
const summary =
  (of: (values: readonly number[], all: number) => number): MathFunction =>
  ([value], grid) => {
    const target = value as Value;
    if (typeof target === 'number') throw new Error('A summary is of series.');
    if (!isList(target)) return of(present(target), present(target).length);
    const first = target[0] ?? { grid, values: grid.times.map(() => undefined), label: '' };
    const values = first.values.map((_, index) => {
      const there = target.flatMap(({ values: each }) => each[index] ?? []);
      return there.length === 0 ? undefined : of(there, target.length);
    });
    return { grid: first.grid, label: first.label, values };
  };

/** Of each series another one. */
const each =
  (of: (series: TimeSeries) => TimeSeries): MathFunction =>
  ([value]) => {
    const target = value as Value;
    if (typeof target === 'number') throw new Error('The function is of series.');
    return isList(target) ? target.map(of) : of(target);
  };

const eachValue = (of: (value: number) => number): MathFunction => each((series) => map(series, of));

const list = (value: Parameter | undefined): readonly TimeSeries[] => {
  if (value !== undefined && isList(value as Value)) return value as readonly TimeSeries[];
  throw new Error('The function is of a list of series.');
};

const orders: Readonly<Record<string, (values: readonly number[]) => number>> = {
  AVG: average,
  SUM: sum,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
};

const wordOf = (parameter: Parameter | undefined): string => (typeof parameter === 'object' && 'word' in parameter ? parameter.word : '');

/** The change from the value before, which may lie some missing periods back. */
const changes = (of: (difference: number, seconds: number) => number) =>
  each((series) => {
    let before: { readonly value: number; readonly index: number } | undefined;
    return map(series, (value, index) => {
      const last = before;
      before = { value, index };
      return last && of(value - last.value, ((index - last.index) * series.grid.period) / 1000);
    });
  });

/**
 * The functions of metric math that the local run knows, by name.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
 */
export const functions: Readonly<Record<string, MathFunction>> = {
  SUM: summary(sum),
  // Missing values of a list count as 0.
  AVG: summary((values, all) => sum(values) / all),
  MIN: summary((values) => Math.min(...values)),
  MAX: summary((values) => Math.max(...values)),
  DATAPOINT_COUNT: summary((values) => values.length),
  METRIC_COUNT: ([value]) => list(value).length,
  ABS: eachValue(Math.abs),
  CEIL: eachValue(Math.ceil),
  FLOOR: eachValue(Math.floor),
  DIFF: changes((difference) => difference),
  RATE: changes((difference, seconds) => difference / seconds),
  RUNNING_SUM: each((series) => {
    let total = 0;
    return map(series, (value) => (total += value));
  }),
  FILL: ([value, filler]) => each((series) => fill(series, filler))([value as Value], { period: 0, times: [] }),
  FIRST: ([value], grid) => list(value)[0] ?? emptyOn(grid),
  LAST: ([value], grid) => list(value).at(-1) ?? emptyOn(grid),
  SLICE: ([value, start, end]) => list(value).slice(start as number, end as number | undefined),
  SORT: ([value, by, order, limit]) => {
    const rank = orders[wordOf(by)];
    const sign = { ASC: 1, DESC: -1 }[wordOf(order)];
    if (!rank || sign === undefined) throw new Error('SORT wants AVG, MIN, MAX or SUM, and ASC or DESC.');
    const ranked = list(value).map((series) => ({ series, rank: present(series).length === 0 ? -Infinity : rank(present(series)) }));
    return ranked.toSorted((a, b) => sign * (a.rank - b.rank || 0)).map(({ series }) => series).slice(0, limit as number | undefined);
  },
  REMOVE_EMPTY: ([value]) => list(value).filter((series) => present(series).length > 0),
  PERIOD: ([value]) => (value as TimeSeries).grid.period / 1000,
  TIME_SERIES: ([value], grid) => ({ grid, label: '', values: grid.times.map(() => value as number) }),
  IF: ([condition, then, otherwise], grid) => choose(condition as Value, then as Value, otherwise as Value | undefined, grid),
};

const emptyOn = (grid: Grid): TimeSeries => ({ grid, label: '', values: grid.times.map(() => undefined) });

function fill(series: TimeSeries, filler: Parameter | undefined): TimeSeries {
  const { values } = series;
  if (typeof filler === 'number') return withValues(series, values.map((value) => value ?? filler));
  if (wordOf(filler) === 'REPEAT') {
    let last: number | undefined;
    return withValues(series, values.map((value) => (last = value ?? last)));
  }
  if (wordOf(filler) === 'LINEAR') return withValues(series, values.map((value, index) => value ?? between(values, index)));
  if (typeof filler === 'object' && 'grid' in filler) return withValues(series, values.map((value, index) => value ?? filler.values[index]));
  throw new Error('FILL wants a number, a series, REPEAT or LINEAR.');
}

/** On the line between the neighbours that there are. */
function between(values: TimeSeries['values'], index: number): number | undefined {
  const before = values.findLastIndex((value, at) => at < index && value !== undefined);
  const after = values.findIndex((value, at) => at > index && value !== undefined);
  const [from, to] = [values[before], values[after]];
  if (from === undefined || to === undefined) return from ?? to;
  return from + ((to - from) * (index - before)) / (after - before);
}

/**
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#using-IF-expressions: what is true and has no value is 0, what
 * is false and has none is dropped.
 */
function choose(condition: Value, then: Value, otherwise: Value | undefined, grid: Grid): Value {
  if ([condition, then, otherwise].some((value) => value !== undefined && isList(value))) throw new Error('IF is of single series.');
  const at = (value: Value | undefined, index: number): number | undefined => (typeof value === 'object' ? (value as TimeSeries).values[index] : value);
  if (typeof condition === 'number') {
    const chosen = condition === 0 ? otherwise : then;
    return typeof chosen === 'object' ? chosen : { ...emptyOn(grid), values: grid.times.map(() => chosen) };
  }
  return map(condition as TimeSeries, (value, index) => (value === 0 ? at(otherwise, index) : (at(then, index) ?? 0)));
}

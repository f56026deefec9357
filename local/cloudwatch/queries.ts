import { minute } from './clock.ts';
import { isDynamic, labelOf, ownLabels } from './labels.ts';
import { checkFunctions, evaluate, type Scope } from './math/evaluate.ts';
import { isList, type Value } from './math/operators.ts';
import { type Node, parse } from './math/parse.ts';
import { readSearch, search } from './math/search.ts';
import { type Grid, type MetricStat, readSeries, type TimeSeries } from './series.ts';
import { statisticOf } from './statistics.ts';
import type { MetricStore } from './store.ts';

/** What a graph or an alarm asks for: a metric, or an expression over what else is asked for. */
export interface Query {
  readonly id?: string | undefined;
  readonly what: MetricStat | { readonly expression: string };
  /** Whole minutes. */
  readonly periodSeconds: number;
  readonly label?: string | undefined;
}

/** Refuses by name what of the queries the local run does not know. */
export function checkQueries(queries: readonly Query[]): void {
  for (const { what, periodSeconds, label } of queries) {
    if (periodSeconds % 60 !== 0) throw new Error(`The local run's CloudWatch only knows periods of whole minutes, not ${periodSeconds} seconds.`);
    if (label !== undefined) labelOf(label, { grid: { period: minute, times: [] }, values: [], label: '' });
    if ('statistic' in what) {
      statisticOf(what.statistic);
    } else {
      const node = parse(what.expression);
      checkFunctions(node);
      for (const [expression = '', statistic = ''] of searchesOf(node)) {
        readSearch(expression);
        statisticOf(statistic);
      }
    }
  }
}

function searchesOf(node: Node): string[][] {
  switch (node.kind) {
    case 'call':
      if (node.name !== 'SEARCH') return node.parameters.flatMap(searchesOf);
      return [node.parameters.map((each) => (each.kind === 'literal' ? String(each.value) : ''))];
    case 'list':
      return node.items.flatMap(searchesOf);
    case 'unary':
      return searchesOf(node.operand);
    case 'binary':
      return [...searchesOf(node.left), ...searchesOf(node.right)];
    default:
      return [];
  }
}

/**
 * Runs queries.
 *
 * @param gridOf the periods to look at, for periods of a length in milliseconds
 * @returns for each query its series: one of a metric, any number of an expression
 */
export function runQueries(queries: readonly Query[], store: MetricStore, gridOf: (period: number) => Grid): TimeSeries[][] {
  const byId = new Map(queries.flatMap((query) => (query.id === undefined ? [] : [[query.id, query] as const])));
  const results = new Map<Query, Value>();
  const valueOf = (query: Query): Value => {
    const { what, periodSeconds } = query;
    const done = results.get(query);
    if (done !== undefined) return done;
    const grid = gridOf(periodSeconds * 1000);
    const value = 'statistic' in what ? readSeries(store, what, grid) : evaluate(parse(what.expression), scopeOf(grid));
    results.set(query, value);
    return value;
  };
  const scopeOf = (grid: Grid): Scope => ({
    grid,
    valueOf: (id) => {
      const query = byId.get(id);
      return query && valueOf(query);
    },
    metrics: (within) =>
      queries.flatMap((query) => ('statistic' in query.what && (query.id ?? '').includes(within) ? [valueOf(query) as TimeSeries] : [])),
    search: (expression, statistic, periodSeconds) => {
      const searched = periodSeconds === undefined ? grid : gridOf(periodSeconds * 1000);
      const found = search(expression, store.list()).map((metric) => readSeries(store, { metric, statistic }, searched));
      // What a search finds has told something in the time that is looked at.
      return ownLabels(found.filter(({ values }) => values.some((value) => value !== undefined)));
    },
  });
  return queries.map((query) => {
    const value = valueOf(query);
    if (typeof value === 'number') throw new Error(`${'expression' in query.what ? query.what.expression : ''} is a number, and must be a series.`);
    if (isList(value)) return value.map((series) => labelled(query, series, true));
    return [labelled(query, value, false)];
  });
}

/** A label without dynamic parts stands before the own labels of a list. */
function labelled({ label, what, id }: Query, series: TimeSeries, isOfMany: boolean): TimeSeries {
  if (label === undefined) return isOfMany || 'statistic' in what ? series : { ...series, label: id ?? what.expression };
  return { ...series, label: isOfMany && !isDynamic(label) ? `${label} ${series.label}` : labelOf(label, series) };
}

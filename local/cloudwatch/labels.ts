import { present, type TimeSeries } from './series.ts';

const summaries: Readonly<Record<string, (values: readonly number[]) => number | undefined>> = {
  AVG: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
  FIRST: (values) => values[0],
  LAST: (values) => values.at(-1),
  DATAPOINT_COUNT: (values) => values.length,
};

/**
 * A label with its dynamic parts, `${PROP('Dim.country')}` or `${LAST}`
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html), made for a series.
 *
 * @throws for a part that the local run does not know
 */
export function labelOf(label: string, series: TimeSeries): string {
  return label.replaceAll(/\$\{([^}]*)\}/g, (_, part: string) => {
    const property = /^PROP\('([^']+)'\)$/.exec(part)?.[1];
    if (property !== undefined) return propertyOf(property, series);
    if (part === 'LABEL') return series.label;
    const summary = summaries[part];
    if (!summary) throw new Error(`The local run's CloudWatch does not know \${${part}} in a label.`);
    const values = present(series);
    return values.length === 0 ? '--' : String(Number((summary(values) ?? 0).toPrecision(4)));
  });
}

export const isDynamic = (label: string): boolean => label.includes('${');

function propertyOf(property: string, { source, grid }: TimeSeries): string {
  const dimension = /^Dim\.(.+)$/.exec(property)?.[1];
  if (dimension !== undefined) return source?.metric.dimensions[dimension] ?? '';
  const known: Record<string, string | undefined> = {
    MetricName: source?.metric.name ?? '',
    Namespace: source?.metric.namespace ?? '',
    Stat: source?.statistic ?? '',
    Period: String(grid.period / 1000),
  };
  const value = known[property];
  if (value === undefined) throw new Error(`The local run's CloudWatch does not know \${PROP('${property}')} in a label.`);
  return value;
}

/** What tells metrics that were found together apart: the dimensions, and the names, that are not the same for all. */
export function ownLabels(all: readonly TimeSeries[]): TimeSeries[] {
  const properties = (series: TimeSeries): Record<string, string> => ({ ...series.source?.metric.dimensions, '': series.source?.metric.name ?? '' });
  const differing = Object.keys(all[0] ? properties(all[0]) : {}).filter((name) => new Set(all.map((series) => properties(series)[name])).size > 1);
  return all.map((series) => ({ ...series, label: differing.map((name) => properties(series)[name]).join(' ') || series.label }));
}

import { Duration } from 'aws-cdk-lib';
import { SearchExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { definitionOf, type MetricDimension, type MetricBy, metricsNamespace } from '../../lambdas/contracts/metrics.ts';
import type { Derived } from '../math.ts';
import type { Names } from '../names.ts';

/** A metric that is told apart. */
type Apart = MetricBy<MetricDimension>;

/** All there is of a metric that is told apart, whatever its values: what comes later is found without a change to the dashboard. */
const search = (names: Pick<Names, 'env'>, service: string, metric: Apart, statistic: string): string =>
  `SEARCH('{${metricsNamespace},env,service,${definitionOf(metric).by}} MetricName="${metric}" env="${names.env}" service="${service}"', '${statistic}')`;

/** A line for each value of the metric's dimension. */
export const each = (names: Pick<Names, 'env'>, service: string, metric: Apart, statistic: string): SearchExpression =>
  searchExpression(search(names, service, metric, statistic), { label: labelOf(metric) });

/** The same of the so many largest ones. */
export const largest = (names: Pick<Names, 'env'>, service: string, metric: Apart, count: number): SearchExpression =>
  searchExpression(`SORT(${search(names, service, metric, 'Sum')}, SUM, DESC, ${count})`, { label: labelOf(metric) });

/** One line for all values together: their sum, or the highest of them. */
export const together = (names: Pick<Names, 'env'>, service: string, metric: Apart, drawn: Derived, by: 'SUM' | 'MAX' = 'SUM'): SearchExpression =>
  searchExpression(`${by}(${search(names, service, metric, by === 'SUM' ? 'Sum' : 'Maximum')})`, drawn);

/** An expression that finds its metrics itself. Its period is that of the chart. */
export const searchExpression = (expression: string, { label, color }: Derived): SearchExpression =>
  new SearchExpression({ expression, period: Duration.minutes(1), ...(label !== undefined && { label }), ...(color !== undefined && { color }) });

/** CloudWatch puts the value of the dimension in its place. */
const labelOf = (metric: Apart): string => `\${PROP('Dim.${definitionOf(metric).by}')}`;

import { type Duration, Duration as Time } from 'aws-cdk-lib';
import { type IMetric, MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch';

/** What a derived metric is called, how it is drawn, and by which period. */
export interface Derived {
  readonly label?: string;
  readonly color?: string;
  /** A minute when left out. */
  readonly period?: Duration;
}

/** An expression over metrics by name. */
export const expression = (text: string, usingMetrics: Record<string, IMetric>, { label, color, period = Time.minutes(1) }: Derived = {}): MathExpression =>
  new MathExpression({ expression: text, usingMetrics, period, ...(label !== undefined && { label }), ...(color !== undefined && { color }) });

/**
 * The sum of metrics, of which some may tell nothing.
 *
 * @param of what tells its metrics from those of other expressions in the same chart
 */
export const sumOf = (of: string, metrics: readonly IMetric[], derived?: Derived): MathExpression => {
  const named = metrics.map((metric, index) => [`${idOf(of)}_${index}`, metric] as const);
  return expression(named.map(([name]) => `FILL(${name}, 0)`).join(' + '), Object.fromEntries(named), derived);
};

/** A name as CloudWatch wants it in an expression. */
export const idOf = (name: string): string => name.replaceAll('-', '_');

/** By how much one metric is above another, of which both may tell nothing. */
export const difference = (more: Metric, less: Metric, label: string): MathExpression =>
  expression('FILL(more, 0) - FILL(less, 0)', { more, less }, { label, period: Time.seconds(more.period.toSeconds()) });

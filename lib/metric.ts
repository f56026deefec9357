import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { definitionOf, type DimensionOf, type DimensionValues, metricsNamespace, type MetricName, noCountry } from '../lambdas/contracts/metrics.ts';
import type { Names } from './names.ts';

/** What a metric is asked for, beside its name. */
export interface MetricChoice {
  /** `Sum`, `Maximum`, `p99`: a statistic of CloudWatch. */
  readonly statistic: string;
  /** What a dashboard calls it; its name when left out. */
  readonly label?: string;
  /** The colour in which a dashboard draws it, `#1f77b4`. */
  readonly color?: string;
  /** A minute when left out. */
  readonly period?: Duration;
}

/** For a metric that is told apart: of which one it is. */
type Choice<M extends MetricName> = MetricChoice &
  (DimensionOf<M> extends infer D extends keyof DimensionValues ? { readonly by: DimensionValues[D] } : { readonly by?: undefined });

/** A metric that a service's functions write, as dashboards and alarms ask for it: with the dimensions that it is written with. */
export function metricOf<M extends MetricName>(names: Pick<Names, 'env'>, service: string, metric: M, choice: Choice<M>): Metric {
  const { statistic, label, color, period = Duration.minutes(1) }: MetricChoice = choice;
  const by = definitionOf(metric).by;
  return new Metric({
    namespace: metricsNamespace,
    metricName: metric,
    statistic,
    ...(label !== undefined && { label }),
    ...(color !== undefined && { color }),
    period,
    dimensionsMap: { env: names.env, service, ...(by && { [by]: choice.by ?? noCountry }) },
  });
}

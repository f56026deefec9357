import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import {
  definitionOf,
  type DimensionOf,
  type DimensionValues,
  type MetricBy,
  type MetricIn,
  type MetricName,
  metricsNamespace,
  noCountry,
} from '../contracts/metrics.ts';

/** Metrics of one subscription, which only its own function writes. */
type OfSubscription = MetricBy<'subscription'>;

/** The metrics that are measures or states. */
export type Measured = Exclude<MetricIn<'Seconds' | 'Milliseconds' | 'None'>, OfSubscription>;

/** How often something happened; for a metric that is told apart, also of which. Nothing is written for 0. */
type CountArguments<M extends MetricName> = DimensionOf<M> extends infer D extends Exclude<keyof DimensionValues, 'subscription'>
  ? [times: number, value: DimensionValues[D]]
  : [times?: number];

/** What a function tells its operators. Fields are ids and reasons; accounts, addresses, contacts and bodies never go here. */
export interface Telemetry {
  count<M extends Exclude<MetricIn<'Count'>, OfSubscription>>(metric: M, ...args: CountArguments<M>): void;
  /** Makes a metric known by a 0 when nothing else of it was counted: math over one that never had a value may have no result. */
  zero(metric: Extract<MetricIn<'Count'>, MetricBy<undefined>>): void;
  /** A measure or state; several in one invocation are kept apart, so that percentiles can be had of them. */
  measure(metric: Measured, value: number): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Writes out what was counted; once at the end of an invocation. */
  flush(): void;
}

/** The same of the function of one subscription. */
export interface SubscriptionTelemetry extends Telemetry {
  count<M extends MetricIn<'Count'>>(metric: M, ...args: CountArguments<M>): void;
  measure(metric: MetricIn<'Seconds' | 'Milliseconds' | 'None'>, value: number): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** Whose telemetry it is. */
interface Origin {
  /** Name of the deployment. */
  readonly env: string;
  readonly service: string;
}

/** Structured logs and metrics (EMF) by Powertools, both on standard output. */
export function powertools(origin: Origin): Telemetry;
export function powertools(origin: Origin & { readonly subscription: string }): SubscriptionTelemetry;
export function powertools({ env, service, subscription }: Origin & { readonly subscription?: string }): SubscriptionTelemetry {
  const logger = new Logger({ serviceName: service });
  const emf = new Metrics({ namespace: metricsNamespace, serviceName: service, defaultDimensions: { env } });
  /** Values by metric, by the extra dimension that they share. Each of these becomes a line, which CloudWatch bills. */
  const groups = new Map<string, Group>();
  const valuesOf = (metric: MetricName, given?: string | null): number[] => {
    const { by } = definitionOf(metric);
    const dimension = by && ([by, by === 'subscription' ? subscription : by === 'country' ? countryOf(given) : given] as const);
    const key = dimension?.join(' ') ?? '';
    const group = groups.get(key) ?? { dimension, values: new Map<MetricName, number[]>() };
    groups.set(key, group);
    const values = group.values.get(metric) ?? [];
    group.values.set(metric, values);
    return values;
  };
  return {
    count: (metric, ...args) => {
      const [times = 1, value] = args as [times?: number, value?: string | null];
      if (times === 0) return;
      const values = valuesOf(metric, value);
      values[0] = (values[0] ?? 0) + times;
    },
    zero: (metric) => {
      const values = valuesOf(metric);
      values[0] ??= 0;
    },
    measure: (metric, value) => {
      valuesOf(metric).push(value);
    },
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
    flush: () => {
      for (const { dimension, values } of groups.values()) {
        const [name, value] = dimension ?? [];
        if (name !== undefined) emf.addDimension(name, value ?? '');
        for (const [metric, each] of values) for (const one of each) emf.addMetric(metric, definitionOf(metric).unit, one);
        emf.publishStoredMetrics();
      }
      groups.clear();
    },
  };
}

interface Group {
  readonly dimension: readonly [name: string, value: string | null | undefined] | undefined;
  readonly values: Map<MetricName, number[]>;
}

/** A geo database may say what it likes: what is no country makes no metric of its own. */
const countryOf = (given: string | null | undefined): string => (/^[A-Z]{2}$/.test(given ?? '') ? String(given) : noCountry);

/** What may be told of an error: its name, and the message only when it is our own words. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.name : 'Error');

import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Names of the metrics, in the namespace `Loginward`, with the service as their one dimension. */
export const metricNames = [
  'Received',
  'Observed',
  'LocksHeld',
  'Emitted',
  'Swallowed',
  'Failed',
  'Parked',
  'Unconfirmed',
  'CodeSent',
  'CodeLimited',
  'CodeNoContact',
  'NotificationSent',
  'NotificationUnknown',
  'NotificationFailed',
  'NotificationNoContact',
  'NotificationStale',
  'NotificationCapped',
  'Delivered',
  'Held',
  'Refused',
  'Unavailable',
  'Misconfigured',
  'Broken',
  'Expired',
  'Stale',
] as const;
export type MetricName = (typeof metricNames)[number];

/** Metrics that are a measure rather than a count, in seconds. */
export type GaugeName = 'HeldSeconds';

/** What a function tells its operators. Fields are ids and reasons; addresses, contacts and bodies never go here. */
export interface Telemetry {
  count(metric: MetricName, by?: number): void;
  gauge(metric: GaugeName, seconds: number): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Writes out what was counted; once at the end of an invocation. */
  flush(): void;
}

/**
 * Structured logs and metrics (EMF) by Powertools, both on standard output.
 *
 * @param dimensions beside the service
 */
export function powertools(service: string, dimensions: Readonly<Record<string, string>> = {}): Telemetry {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: 'Loginward', serviceName: service, defaultDimensions: dimensions });
  let counted = false;
  return {
    count: (metric, by = 1) => {
      if (by === 0) return;
      metrics.addMetric(metric, MetricUnit.Count, by);
      counted = true;
    },
    gauge: (metric, seconds) => {
      metrics.addMetric(metric, MetricUnit.Seconds, seconds);
      counted = true;
    },
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
    flush: () => {
      // Without anything counted Powertools writes a warning, which CloudWatch bills.
      if (counted) metrics.publishStoredMetrics();
      counted = false;
    },
  };
}

/** What may be told of an error: its name, and the message only when it is our own words. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.name : 'Error');

import { metricsNamespace, type MetricName } from '../../lambdas/contracts/metrics.ts';
import type { CloudWatch, MetricId } from '../cloudwatch/types.ts';
import type { StageFigures } from './types.ts';

/** What the functions of services counted in the last so many minutes. */
export interface Figures {
  of(service: string): StageFigures;
  /** A percentile (`p99`) of how old events were when the service was done with them, in seconds. */
  age(service: string, percentile: string): number | null;
}

/** Reads figures of the metrics that services write for themselves, without any that is told apart further. */
export function figuresOf(cloudWatch: CloudWatch, minutes: number): Figures {
  const ids = new Map<string, MetricId>();
  for (const id of cloudWatch.listMetrics()) {
    const { service, env: _, ...others } = id.dimensions;
    if (id.namespace === metricsNamespace && Object.keys(others).length === 0) ids.set(`${service} ${id.name}`, id);
  }
  const statistic = (service: string, metric: MetricName, which: string): number | undefined => {
    const id = ids.get(`${service} ${metric}`);
    return id && cloudWatch.statistic(id, which, minutes);
  };
  const sum = (service: string, metric: MetricName): number => statistic(service, metric, 'Sum') ?? 0;
  return {
    of: (service) => ({
      received: sum(service, 'Received'),
      emitted: sum(service, 'Emitted'),
      swallowed: sum(service, 'Swallowed'),
      failed: sum(service, 'Failed') + sum(service, 'Unconfirmed'),
      parked: sum(service, 'Parked'),
    }),
    age: (service, percentile) => statistic(service, 'EventAge', percentile) ?? null,
  };
}

import { type IMetric, SingleValueWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { functionMetric, queueMetric } from '../aws-metrics.ts';
import { bundleName } from '../bundles.ts';
import { sumOf } from '../math.ts';
import { metricOf } from '../metric.ts';
import type { Service } from '../services.ts';
import { colours } from './colours.ts';
import { count, counts, type PanelOf } from './panels.ts';
import { together } from './search.ts';
import type { MetricBy } from '../../lambdas/contracts/metrics.ts';

/** Rows that a tile takes. */
const tileHeight = 5;

/** A service in the chain, over the time that the dashboard shows: what came in and went out, what ended there, how far behind it was, and what broke. */
export const tile = (service: Service, of: PanelOf, width: number): SingleValueWidget =>
  new SingleValueWidget({ title: service.name, metrics: metricsOf(service, of), width, height: tileHeight, setPeriodToTimeRange: true });

function metricsOf(service: Service, of: PanelOf): IMetric[] {
  const broken = (...metrics: MetricBy<undefined>[]) => sumOf('broken', metrics.map((metric) => metricOf(of.names, of.service, metric, { statistic: 'Sum' })), { label: 'broken', color: colours.failed });
  // A service that consumes nothing stands at the door.
  if (!service.consumer && !service.bridge) return [...counts(of, ['LoginsAccepted', 'in', colours.in], ['Emitted', 'out', colours.out]), broken('Unconfirmed', 'RequestFailed')];
  const swallowed = count(of, 'Swallowed', 'swallowed', colours.swallowed);
  if (service.bridge) {
    return [
      count(of, 'Received', 'in', colours.in),
      together(of.names, of.service, 'Delivered', { label: 'delivered', color: colours.out }),
      swallowed,
      together(of.names, of.service, 'HeldSeconds', { label: 'behind, seconds', color: colours.waiting }, 'MAX'),
      together(of.names, of.service, 'Rejected', { label: 'broken', color: colours.failed }),
    ];
  }
  return [...counts(of, ['Received', 'in', colours.in], ['Emitted', 'out', colours.out]), swallowed, behind(of), broken('Failed', 'Parked')];
}

/** How far behind a consumer is: on SNS by age, on Kafka by events, which is all that is known of it outside its stack. */
export const behind = ({ names, settings, service }: PanelOf, label?: string, color: string = colours.waiting): IMetric =>
  settings.bus === 'kafka'
    ? functionMetric(names.resource(bundleName(service, 'consumer')), 'OffsetLag', { statistic: 'Maximum', label: label ?? 'behind, events', color })
    : queueMetric(names.resource(service, 'queue'), 'ApproximateAgeOfOldestMessage', { statistic: 'Maximum', label: label ?? 'behind, seconds', color });

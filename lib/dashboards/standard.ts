import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { functionMetric, queueMetric } from '../aws-metrics.ts';
import { bundleName, type FunctionPart } from '../bundles.ts';
import { alarmKinds } from '../alarms.ts';
import { colours } from './colours.ts';
import type { Graph } from './graph.ts';
import { counts, type PanelOf, percentiles } from './panels.ts';

/** What became of a service's events; a consumer's and the http-bridge's alike. */
export const events = (of: PanelOf): Graph => ({
  title: 'Events',
  unit: 'a minute',
  left: counts(
    of,
    ['Received', 'in', colours.in],
    ['Emitted', 'out', colours.out],
    ['Swallowed', 'swallowed', colours.swallowed],
    ['Unconfirmed', 'not confirmed', colours.p99],
    ['Failed', 'failed, come back', colours.failed],
    ['Parked', 'parked', colours.parked],
  ),
});

export const age = ({ names, service }: PanelOf): Graph => ({
  title: 'Since the login or request was accepted',
  unit: 'seconds',
  left: percentiles(names, service, 'EventAge'),
});

/** What waits in the service's queue, on SNS. */
export const queue = ({ names, service }: PanelOf): Graph => ({
  title: 'Queue',
  unit: 'seconds, the oldest',
  left: [queueMetric(names.resource(service, 'queue'), 'ApproximateAgeOfOldestMessage', { statistic: 'Maximum', label: 'oldest event', color: colours.waiting })],
  right: [queueMetric(names.resource(service, 'queue'), 'ApproximateNumberOfMessagesVisible', { statistic: 'Maximum', label: 'events waiting', color: colours.in })],
  rightUnit: 'events',
  marks: [{ value: alarmKinds.behind.above, label: 'alarm', color: colours.failed }],
});

export const deadLetters = ({ names, service }: PanelOf): Graph => ({
  title: 'Dead letters',
  unit: 'events',
  left: [
    queueMetric(names.resource(service, 'dead-letters'), 'ApproximateNumberOfMessagesVisible', { statistic: 'Maximum', label: 'dead letters', color: colours.parked }),
    queueMetric(names.resource(service, 'undelivered'), 'ApproximateNumberOfMessagesVisible', { statistic: 'Maximum', label: 'undelivered', color: colours.failed }),
  ],
  as: 'stack',
});

/** On Kafka: how far behind the service is in each topic, as its alarms see it. */
export const lag = (minutesBehind: readonly IMetric[]): Graph => ({
  title: 'Behind, by topic',
  unit: 'minutes',
  left: minutesBehind,
  marks: [{ value: alarmKinds.lagging.above, label: 'alarm', color: colours.failed }],
});

/** The calls of one of a service's functions. */
export const calls = ({ names, service }: PanelOf, part: FunctionPart): Graph => {
  const metric = (metricName: string, label: string, color: string) =>
    functionMetric(names.resource(bundleName(service, part)), metricName, { statistic: 'Sum', label, color });
  return {
    title: `${part}: calls`,
    unit: 'a minute',
    left: [metric('Invocations', 'calls', colours.in), metric('Errors', 'errors', colours.failed), metric('Throttles', 'throttled', colours.waiting)],
  };
};

export const duration = ({ names, service }: PanelOf, part: FunctionPart): Graph => ({
  title: `${part}: how long a call takes`,
  unit: 'milliseconds',
  left: (['p50', 'p99'] as const).map((statistic) =>
    functionMetric(names.resource(bundleName(service, part)), 'Duration', { statistic, label: statistic, color: colours[statistic] }),
  ),
});

/** What the service's HTTP routes answered. */
export const requests = (of: PanelOf): Graph => ({
  title: 'Requests',
  unit: 'a minute',
  left: [
    functionMetric(of.names.resource(bundleName(of.service, 'api')), 'Invocations', { statistic: 'Sum', label: 'requests', color: colours.in }),
    ...counts(of, ['RequestRefused', 'refused (4xx)', colours.waiting], ['RequestFailed', 'failed (5xx)', colours.failed]),
  ],
});

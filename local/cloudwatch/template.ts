import type { Resolved } from '../template.ts';
import { type Alarm, type Comparison, comparisons, type TreatMissingData } from './alarm.ts';
import type { CompositeAlarm } from './composite.ts';
import type { Dashboard } from './dashboard.ts';
import type { Query } from './queries.ts';

/** What the templates have for operators. */
export interface Monitoring {
  readonly alarms: readonly Alarm[];
  readonly compositeAlarms: readonly CompositeAlarm[];
  /** The overview first. */
  readonly dashboards: readonly Dashboard[];
}

/** Types of CloudFormation that become part of it. */
export const monitoringTypes = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm', 'AWS::CloudWatch::Dashboard'];

/** Reads alarms and dashboards out of the templates. */
export function readMonitoring(of: (type: string) => Resolved[]): Monitoring {
  return {
    alarms: of('AWS::CloudWatch::Alarm').map(alarmOf),
    compositeAlarms: of('AWS::CloudWatch::CompositeAlarm').map(({ properties }) => ({
      name: properties['AlarmName'],
      description: properties['AlarmDescription'] ?? '',
      rule: properties['AlarmRule'],
    })),
    dashboards: of('AWS::CloudWatch::Dashboard')
      .toSorted((a, b) => Number(isOverview(b)) - Number(isOverview(a)))
      .map(({ properties }) => ({
        name: properties['DashboardName'],
        widgets: (JSON.parse(properties['DashboardBody']) as { widgets: Dashboard['widgets'] }).widgets,
      })),
  };
}

const isOverview = ({ stack, properties }: Resolved): boolean => stack.name.endsWith('operations') || String(properties['DashboardName']).endsWith('overview');

function alarmOf({ id, stack, properties }: Resolved): Alarm {
  const comparison = properties['ComparisonOperator'] as Comparison;
  if (!(comparison in comparisons)) throw new Error(`The local run's CloudWatch does not know ${comparison} (${id} of ${stack.name}).`);
  if (properties['EvaluateLowSampleCountPercentile'] === 'ignore') throw new Error(`The local run's CloudWatch evaluates percentiles of few samples, too (${id} of ${stack.name}).`);
  const queries = properties['Metrics'] ? (properties['Metrics'] as readonly MetricDataQuery[]).map(queryOf) : [queryOf(asQuery(properties), 0, [])];
  const watched = ((properties['Metrics'] ?? []) as readonly MetricDataQuery[]).findIndex(({ ReturnData = true }) => ReturnData);
  const ofDynamoDb = queries.some(({ what }) => 'metric' in what && what.metric.namespace === 'AWS/DynamoDB');
  return {
    name: properties['AlarmName'],
    description: properties['AlarmDescription'] ?? '',
    queries,
    watched: Math.max(0, watched),
    evaluationPeriods: properties['EvaluationPeriods'],
    datapointsToAlarm: properties['DatapointsToAlarm'] ?? properties['EvaluationPeriods'],
    comparison,
    threshold: properties['Threshold'],
    // Of DynamoDB's metrics missing data is always ignored, whatever the alarm says, as AWS documents it.
    treatMissingData: ofDynamoDb ? 'ignore' : ((properties['TreatMissingData'] ?? 'missing') as TreatMissingData),
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html */
interface MetricDataQuery {
  readonly Id?: string;
  readonly Expression?: string;
  readonly Label?: string;
  readonly Period?: number;
  readonly ReturnData?: boolean;
  readonly MetricStat?: {
    readonly Metric: { readonly Namespace: string; readonly MetricName: string; readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[] };
    readonly Period: number;
    readonly Stat: string;
    readonly Unit?: string;
  };
}

/** An alarm of a single metric names it among its own properties. */
const asQuery = (properties: Resolved['properties']): MetricDataQuery => ({
  MetricStat: {
    Metric: { Namespace: properties['Namespace'], MetricName: properties['MetricName'], Dimensions: properties['Dimensions'] },
    Period: properties['Period'],
    Stat: properties['Statistic'] ?? properties['ExtendedStatistic'],
    Unit: properties['Unit'],
  },
});

function queryOf({ Id: id, Expression: expression, Label: label, Period, MetricStat }: MetricDataQuery, _: number, all: readonly MetricDataQuery[]): Query {
  // An expression that names no period has that of its metrics.
  const periodSeconds = Period ?? MetricStat?.Period ?? all.find((each) => each.MetricStat)?.MetricStat?.Period ?? 60;
  if (!MetricStat) return { id, what: { expression: expression ?? '' }, periodSeconds, label };
  const { Metric: metric, Stat: statistic, Unit: unit } = MetricStat;
  const dimensions = Object.fromEntries((metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
  return { id, what: { metric: { namespace: metric.Namespace, name: metric.MetricName, dimensions }, statistic, unit }, periodSeconds, label };
}

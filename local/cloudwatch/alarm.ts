import { minute } from './clock.ts';
import { type Query, runQueries } from './queries.ts';
import { gridUntil } from './series.ts';
import type { MetricStore } from './store.ts';
import type { AlarmState } from './types.ts';

/** An alarm of the templates: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
export interface Alarm {
  readonly name: string;
  readonly description: string;
  readonly queries: readonly Query[];
  /** Which of the queries it watches. */
  readonly watched: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly treatMissingData: TreatMissingData;
}

export type Comparison = keyof typeof comparisons;
export type TreatMissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export const comparisons = {
  GreaterThanThreshold: { holds: (value: number, threshold: number) => value > threshold, words: 'greater than' },
  GreaterThanOrEqualToThreshold: { holds: (value: number, threshold: number) => value >= threshold, words: 'greater than or equal to' },
  LessThanThreshold: { holds: (value: number, threshold: number) => value < threshold, words: 'less than' },
  LessThanOrEqualToThreshold: { holds: (value: number, threshold: number) => value <= threshold, words: 'less than or equal to' },
} as const;

/** What an evaluation says: a state, or none when the alarm stays as it is. */
export interface Verdict {
  readonly state: AlarmState | undefined;
  readonly reason: string;
}

/**
 * CloudWatch looks further back than the periods that it needs, in case some are missing; by the examples of its documentation, two.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
const lookBack = 2;

/** Evaluates an alarm over the periods that ended by a moment. They end at that moment, wherever it lies in the hour. */
export function evaluateAlarm(alarm: Alarm, store: MetricStore, now: number): Verdict {
  const end = Math.floor(now / minute) * minute;
  const gridOf = (period: number) => gridUntil(end, period, alarm.evaluationPeriods + lookBack);
  const [series] = runQueries(alarm.queries, store, gridOf)[alarm.watched] ?? [];
  if (!series) throw new Error(`The alarm ${alarm.name} watches nothing.`);
  return judge(series.values, alarm);
}

type Rule = Pick<Alarm, 'evaluationPeriods' | 'datapointsToAlarm' | 'comparison' | 'threshold' | 'treatMissingData'>;

/**
 * What the values of the evaluation range mean, oldest first
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html): the newest real values are judged when there are enough;
 * otherwise as few missing ones as possible are filled in, in the way that the alarm asks for.
 */
export function judge(values: readonly (number | undefined)[], rule: Rule): Verdict {
  const { evaluationPeriods, datapointsToAlarm, comparison, threshold, treatMissingData } = rule;
  const breaches = (value: number): boolean => comparisons[comparison].holds(value, threshold);
  const real = values.filter((value) => value !== undefined).slice(-evaluationPeriods);
  const missing = evaluationPeriods - real.length;
  const breaching = real.filter(breaches).length;
  const filled = breaching + (treatMissingData === 'breaching' ? missing : 0);
  const decide = (state: AlarmState): Verdict => ({ state, reason: reasonOf(state, real, missing, rule) });
  if (filled >= datapointsToAlarm) return decide('ALARM');
  const isDecided = missing === 0 || treatMissingData === 'breaching' || treatMissingData === 'notBreaching' || breaching < real.length;
  if (isDecided) return decide('OK');
  if (treatMissingData === 'missing' && real.length === 0) {
    return { state: 'INSUFFICIENT_DATA', reason: `Insufficient Data: ${missing} datapoint${missing === 1 ? ' was' : 's were'} unknown.` };
  }
  // What there is breaches, but is too little: only when it is as old as the datapoints that are wanted has the alarm waited long enough.
  const age = values.length - values.findIndex((value) => value !== undefined);
  if (treatMissingData === 'missing' && age >= datapointsToAlarm) return decide('ALARM');
  return { state: undefined, reason: 'Too few datapoints: the alarm stays as it is.' };
}

function reasonOf(state: AlarmState, real: readonly number[], missing: number, { comparison, threshold, datapointsToAlarm, treatMissingData }: Rule): string {
  const filled = treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching';
  const treated = missing === 0 || treatMissingData === 'missing' || treatMissingData === 'ignore' ? '' : ` and ${missing} missing datapoint${missing === 1 ? ' was' : 's were'} treated as [${filled}]`;
  if (real.length === 0) return `Threshold Crossed: no datapoints were received for ${missing} period${missing === 1 ? '' : 's'}${treated}.`;
  const { holds, words } = comparisons[comparison];
  const [not, shown] = state === 'ALARM' ? ['', real.filter((value) => holds(value, threshold))] : ['not ', real.filter((value) => !holds(value, threshold))];
  const of = `${shown.length} out of the last ${real.length} datapoints [${shown.map((value) => Number(value.toPrecision(6))).join(', ')}]`;
  const were = shown.length === 1 ? 'was' : 'were';
  return `Threshold Crossed: ${of} ${were} ${not}${words} the threshold (${threshold})${treated} (minimum ${datapointsToAlarm} datapoint${datapointsToAlarm === 1 ? '' : 's'} for OK -> ALARM transition).`;
}

import { describe, expect, it } from 'vitest';
import { type Alarm, judge, type TreatMissingData } from '../../local/cloudwatch/alarm.ts';
import { watchAlarms } from '../../local/cloudwatch/alarms.ts';
import { minute } from '../../local/cloudwatch/clock.ts';
import { readRule } from '../../local/cloudwatch/composite.ts';
import { metricStore } from '../../local/cloudwatch/store.ts';
import type { AlarmState } from '../../local/cloudwatch/types.ts';

const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
/** `0 - X`: within the threshold, missing, breaching; the newest on the right. */
const valuesOf = (text: string) => text.split(' ').map((sign) => ({ 0: 0, X: 10, '-': undefined })[sign]);
const rule = (datapointsToAlarm: number, treatMissingData: TreatMissingData) =>
  ({ evaluationPeriods: 3, datapointsToAlarm, comparison: 'GreaterThanThreshold', threshold: 5, treatMissingData }) as const;
const statesOf = (text: string, datapointsToAlarm: number) => treatments.map((treatment) => judge(valuesOf(text), rule(datapointsToAlarm, treatment)).state ?? 'as before');

describe('missing data, as the tables of CloudWatch\'s documentation have it', () => {
  const insufficient = 'INSUFFICIENT_DATA';
  it.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', [insufficient, 'as before', 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', 'as before', 'ALARM', 'OK']],
    // Too young to alarm: the next one may be within the threshold.
    ['- - - - X', ['as before', 'as before', 'ALARM', 'OK']],
    ['- - - X -', ['as before', 'as before', 'ALARM', 'OK']],
  ])('%s with 3 out of 3', (text, states) => expect(statesOf(text, 3)).toEqual(states));

  it.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', 'as before', 'ALARM', 'OK']],
  ])('%s with 2 out of 3', (text, states) => expect(statesOf(text, 2)).toEqual(states));
});

describe('an alarm', () => {
  const metric = { namespace: 'Loginward', name: 'Failed', dimensions: { service: 'notifier' } };
  const alarm = (changes: Partial<Alarm> = {}): Alarm => ({
    name: 'failed',
    description: 'Nobody is told.',
    queries: [{ what: { metric, statistic: 'Sum' }, periodSeconds: 60 }],
    watched: 0,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparison: 'GreaterThanThreshold',
    threshold: 0,
    treatMissingData: 'notBreaching',
    ...changes,
  });
  const run = (watched: Alarm, compositeAlarms: { name: string; description: string; rule: string }[] = []) => {
    let time = 1000 * minute;
    const store = metricStore();
    const alarms = watchAlarms({ alarms: [watched], compositeAlarms }, store, () => time);
    /** A minute with these values passes, and some seconds in which it settles. */
    const pass = (...values: number[]): AlarmState | undefined => {
      store.add(metric, time, values, 'Count');
      time += minute;
      const later = time;
      time += 10_000;
      alarms.evaluate();
      time = later;
      return alarms.status(watched.name)?.state;
    };
    return { alarms, pass };
  };

  it('begins without data, and says what crossed the threshold when it changes', () => {
    const { alarms, pass } = run(alarm());
    const changes: string[] = [];
    alarms.listeners.add(({ name, state }, before) => changes.push(`${name}: ${before} -> ${state}`));
    expect(alarms.status('failed')?.state).toBe('INSUFFICIENT_DATA');
    expect(pass()).toBe('OK');
    expect(pass(2, 3)).toBe('ALARM');
    expect(alarms.status('failed')?.reason).toContain('1 out of the last 1 datapoints [5] was greater than the threshold (0)');
    expect(changes).toEqual(['failed: INSUFFICIENT_DATA -> OK', 'failed: OK -> ALARM']);
  });

  it('to which silence is the fault waits for as many minutes as it looks at: nothing can have been heard before the start', () => {
    const silent = alarm({ treatMissingData: 'breaching', evaluationPeriods: 3, datapointsToAlarm: 3 });
    const { pass } = run(silent);
    expect([pass(), pass(), pass()]).toEqual(['INSUFFICIENT_DATA', 'INSUFFICIENT_DATA', 'ALARM']);
    const heard = run({ ...silent, comparison: 'LessThanThreshold', threshold: 1 });
    expect([heard.pass(), heard.pass(), heard.pass(1)]).toEqual(['INSUFFICIENT_DATA', 'INSUFFICIENT_DATA', 'OK']);
  });

  it('looks at the newest real value for two periods more, when its metric has stopped', () => {
    const { pass } = run(alarm());
    expect(pass(1)).toBe('ALARM');
    expect([pass(), pass(), pass()]).toEqual(['ALARM', 'ALARM', 'OK']);
  });

  it('of five minutes is evaluated every minute', () => {
    const { pass } = run(alarm({ queries: [{ what: { metric, statistic: 'Sum' }, periodSeconds: 300 }], threshold: 3 }));
    expect([pass(1), pass(1), pass(1), pass(1)]).toEqual(['OK', 'OK', 'OK', 'ALARM']);
  });

  it('over metric math watches the result', () => {
    const queries = [
      { id: 'failed', what: { metric, statistic: 'Sum' }, periodSeconds: 60 },
      { what: { expression: 'FILL(failed, 0) * 100' }, periodSeconds: 60 },
    ];
    const { pass } = run(alarm({ queries, watched: 1, threshold: 150 }));
    expect([pass(1), pass(2), pass()]).toEqual(['OK', 'ALARM', 'OK']);
  });

  it('that is composite follows those that it looks at', () => {
    const composite = { name: 'stands-still', description: '', rule: 'ALARM("arn:aws:cloudwatch:us-east-1:000000000000:alarm:failed") AND NOT ALARM("other")' };
    const other = { name: 'other', description: '', rule: 'FALSE' };
    const { alarms, pass } = run(alarm(), [composite, other]);
    pass();
    expect(alarms.status('stands-still')?.state).toBe('OK');
    pass(1);
    expect(alarms.status('stands-still')).toMatchObject({ state: 'ALARM', reason: 'In ALARM: failed.' });
  });

  it('that is composite and looks at what is not there is refused', () => {
    expect(() => run(alarm(), [{ name: 'all', description: '', rule: 'OK("nobody")' }])).toThrow('nobody');
  });
});

describe('the rule of a composite alarm', () => {
  it.each([
    ['ALARM("a") AND (ALARM("b") OR OK("c"))', true],
    ['ALARM("a") AND (ALARM("b") AND OK("c"))', false],
    ['NOT ALARM(b) AND INSUFFICIENT_DATA("d")', true],
    ['(TRUE OR FALSE) AND NOT (ALARM("a") AND OK("c"))', false],
  ])('%s', (text, expected) => {
    const states: Record<string, AlarmState> = { a: 'ALARM', b: 'OK', c: 'OK', d: 'INSUFFICIENT_DATA' };
    expect(readRule(text).holds((name) => states[name] ?? 'OK')).toBe(expected);
  });
});

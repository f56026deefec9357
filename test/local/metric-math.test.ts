import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clockOf, minute } from '../../local/cloudwatch/clock.ts';
import { checkDashboard, drawLines, linesOf } from '../../local/cloudwatch/dashboard.ts';
import type { Widget } from '../../local/cloudwatch/types.ts';
import { readEmf } from '../../local/cloudwatch/emf.ts';
import { logReader } from '../../local/cloudwatch/log-reader.ts';
import { evaluate } from '../../local/cloudwatch/math/evaluate.ts';
import { parse } from '../../local/cloudwatch/math/parse.ts';
import { search } from '../../local/cloudwatch/math/search.ts';
import type { TimeSeries } from '../../local/cloudwatch/series.ts';
import { checkMeasured } from '../../local/cloudwatch/measures.ts';
import { addTo, bucketOf, statisticOf } from '../../local/cloudwatch/statistics.ts';
import { metricStore } from '../../local/cloudwatch/store.ts';

const grid = { period: minute, times: [0, 1, 2, 3, 4].map((index) => index * minute) };
const _ = undefined;
const series = (...values: (number | undefined)[]): TimeSeries => ({ grid, values, label: '' });

/** What an expression comes to over some metrics: the values of its series, or a number. */
function math(expression: string, metrics: Record<string, TimeSeries>) {
  const value = evaluate(parse(expression), { grid, valueOf: (id) => metrics[id], metrics: (within) => Object.entries(metrics).flatMap(([id, each]) => (id.includes(within) ? [each] : [])), search: () => [] });
  return typeof value === 'number' ? value : Array.isArray(value) ? (value as TimeSeries[]).map(({ values }) => values) : (value as TimeSeries).values;
}

describe('metric math', () => {
  const m1 = series(30, 20, 0, 0, _);
  const m2 = series(20, _, 20, _, _);

  it.each([
    ['m1 + m2', [50, 20, 20, 0, _]],
    ['m1 - m2 * 2 ^ 2', [-50, 20, -80, 0, _]],
    ['m2 / m1', [2 / 3, 0, _, _, _]],
    ['-m1', [-30, -20, -0, -0, _]],
    ['m1 < m2', [0, 0, 1, 0, _]],
    ['m1 >= 30', [1, 0, 0, 0, _]],
    ['m1 > 15 AND m2 > 15', [1, 0, 0, 0, _]],
    ['m1 > 15 || m2 > 15', [1, 1, 1, 0, _]],
    ['m1 / SUM(m1) * 100', [60, 40, 0, 0, _]],
    ['SUM([m1, m2])', [50, 20, 20, 0, _]],
    ['AVG(METRICS())', [25, 10, 10, 0, _]],
    ['MAX(METRICS("m"))', [30, 20, 20, 0, _]],
    ['MIN([m1, m2])', [20, 20, 0, 0, _]],
    ['m1 / PERIOD(m1)', [0.5, 1 / 3, 0, 0, _]],
    ['FILL(m2, 0)', [20, 0, 20, 0, 0]],
    ['FILL(m2, REPEAT)', [20, 20, 20, 20, 20]],
    ['FILL(m2, m1)', [20, 20, 20, 0, _]],
    ['FILL(m2, LINEAR)', [20, 20, 20, 20, 20]],
    ['DIFF(m2)', [_, _, 0, _, _]],
    ['RUNNING_SUM(m1)', [30, 50, 50, 50, _]],
    ['TIME_SERIES(7)', [7, 7, 7, 7, 7]],
    ['SORT([m1, m2], AVG, ASC)', [[30, 20, 0, 0, _], [20, _, 20, _, _]]],
    ['SORT([m1, m2], AVG, DESC, 1)', [[20, _, 20, _, _]]],
    ['FIRST(SORT([m1, m2], SUM, DESC))', [30, 20, 0, 0, _]],
    ['SLICE([m1, m2], 1)', [[20, _, 20, _, _]]],
  ])('%s', (expression, expected) => expect(math(expression, { m1, m2 })).toEqual(expected));

  it('IF, as the tables of CloudWatch\'s documentation have it', () => {
    const metrics = { c: series(1, 1, 0, 0, _), a: series(30, _, 0, 0, 30), b: series(0, 0, 20, _, 20) };
    expect(math('IF(c, a, b)', metrics)).toEqual([30, 0, 20, _, _]);
    expect(math('IF(c, 5, b)', metrics)).toEqual([5, 5, 20, _, _]);
    expect(math('IF(c, a, 5)', metrics)).toEqual([30, 0, 5, 5, _]);
    expect(math('IF(c, a)', metrics)).toEqual([30, 0, _, _, _]);
  });

  it('tells how far behind Kafka is, also of what does not move at all', () => {
    const expression = 'IF(FILL(done, 0) > 0, lag / done, IF(lag > 0, 1440, 0))';
    expect(math(expression, { done: series(10, _, _, 5, 5), lag: series(20, 5, 0, 0, 50) })).toEqual([2, 1440, 0, 0, 10]);
  });

  it.each([
    ['ANOMALY_DETECTION_BAND(m1)', 'ANOMALY_DETECTION_BAND'],
    ['m1 % 2', '%'],
    ['m3 + 1', 'm3'],
    ['[m1, m2] + [m1, m2]', 'two lists'],
  ])('refuses %s by name', (expression, name) => expect(() => math(expression, { m1, m2 })).toThrow(name));
});

describe('statistics', () => {
  const bucket = bucketOf(1);
  for (let value = 2; value <= 100; value += 1) addTo(bucket, value);

  it.each([['Sum', 5050], ['Average', 50.5], ['SampleCount', 100], ['Minimum', 1], ['Maximum', 100], ['p50', 50], ['p99', 99], ['p99.9', 100]])('%s', (name, expected) =>
    expect(statisticOf(name)(bucket)).toBe(expected));

  it('stay within half a percent when there are too many values to keep each', () => {
    const many = bucketOf(0.5);
    for (let value = 1; value < 100_000; value += 1) addTo(many, value + 0.5);
    expect(many.values?.size).toBeLessThan(3000);
    expect(Math.abs(statisticOf('p90')(many) / 90_000 - 1)).toBeLessThan(0.005);
  });

  it('refuses those that it does not know', () => expect(() => statisticOf('IQM')).toThrow('IQM'));
});

describe('searches', () => {
  const metric = (name: string, dimensions: Record<string, string>) => ({ namespace: 'Loginward', name, dimensions });
  const metrics = [
    metric('Received', { env: 'dev', service: 'notifier' }),
    metric('Received', { env: 'dev', service: 'publisher' }),
    metric('LoginsByCountry', { env: 'dev', service: 'login-logger', country: 'US' }),
    metric('LoginsByCountry', { env: 'prod', service: 'login-logger', country: 'JP' }),
  ];
  it.each([
    ['{Loginward,env,service} MetricName="Received"', ['notifier', 'publisher']],
    ['{Loginward,service,env,country}', ['US', 'JP']],
    ['{Loginward,env,service,country} MetricName="LoginsByCountry" env="dev"', ['US']],
    ['MetricName="Received" NOT service="publisher"', ['notifier']],
    ['service=("notifier" OR "publisher") AND env="dev"', ['notifier', 'publisher']],
    ['"US" OR (MetricName="Received" "notifier")', ['US', 'notifier']],
    ['{Loginward,env}', []],
  ])('%s', (expression, found) =>
    expect(new Set(search(expression, metrics).map(({ dimensions }) => dimensions['country'] ?? dimensions['service']))).toEqual(new Set(found)));

  it('refuses terms that match parts of names', () => expect(() => search('MetricName=Received', metrics)).toThrow('double quotes'));
});

describe('a widget', () => {
  const store = metricStore();
  const put = (name: string, dimensions: Record<string, string>, at: number, ...values: number[]) =>
    store.add({ namespace: 'Loginward', name, dimensions }, at * minute, values, 'Count');
  for (const at of [100, 101]) {
    put('Received', { service: 'notifier' }, at, at, 1);
    put('Verdicts', { service: 'judge', trigger: 'new_country' }, at, 1);
    put('Verdicts', { service: 'judge', trigger: 'login_abroad' }, at, 2);
  }
  const widget = (metrics: unknown[], properties = {}): Widget => ({ type: 'metric', x: 0, y: 0, width: 6, height: 6, properties: { metrics, period: 60, title: 'A title', ...properties } });
  const drawn = (metrics: unknown[]) => drawLines(linesOf(widget(metrics)), store, 101.5 * minute, 3).map(({ label, yAxis, points }) => ({ label, yAxis, points: points.map(([at, value]) => [at / minute, value]) }));

  it('shows its lines, without the hidden ones, each on its axis and with its label', () => {
    const lines = drawn([
      ['Loginward', 'Received', 'service', 'notifier', { id: 'm1', stat: 'Sum', visible: false }],
      ['...', { stat: 'SampleCount', label: '${PROP(\'Dim.service\')}: ${LAST}', yAxis: 'right' }],
      [{ expression: 'm1 * 2', label: 'Twice' }],
    ]);
    expect(lines).toEqual([
      { label: 'notifier: 2', yAxis: 'right', points: [[100, 2], [101, 2]] },
      { label: 'Twice', yAxis: 'left', points: [[100, 202], [101, 204]] },
    ]);
  });

  it('shows each metric that a search finds, under what tells it apart or the label that it is given', () => {
    const expression = "SEARCH('{Loginward,service,trigger} MetricName=\"Verdicts\"', 'Sum', 60)";
    expect(drawn([[{ expression }]]).map(({ label }) => label)).toEqual(['login_abroad', 'new_country']);
    expect(drawn([[{ expression: `SORT(${expression}, SUM, ASC)`, label: "${PROP('Dim.trigger')}" }]]).map(({ label }) => label)).toEqual(['new_country', 'login_abroad']);
  });

  it.each([
    [[[{ expression: 'LOG(m1)' }]], 'LOG'],
    [[['Loginward', 'Received', { stat: 'IQM' }]], 'IQM'],
    [[['Loginward', 'Received', { period: 10 }]], '10 seconds'],
    [[['Loginward', 'Received', { label: '${MIN_TIME}' }]], 'MIN_TIME'],
  ])('that asks for what nobody knows is refused by name', (metrics, name) =>
    expect(() => checkDashboard({ name: 'overview', widgets: [widget(metrics)] })).toThrow(new RegExp(`overview.*A title.*${name}`)));

  it('of a metric that AWS has and the local run does not measure is refused by name', () =>
    expect(() => checkMeasured([{ what: { metric: { namespace: 'AWS/Lambda', name: 'IteratorAge', dimensions: {} }, statistic: 'Maximum' }, periodSeconds: 60 }])).toThrow('IteratorAge'));
});

describe('metrics out of logs', () => {
  const emf = (name: string, value: unknown, at = 1000) =>
    JSON.stringify({ _aws: { Timestamp: at, CloudWatchMetrics: [{ Namespace: 'Loginward', Dimensions: [['service'], ['service', 'country']], Metrics: [{ Name: name, Unit: 'Count' }] }] }, service: 'judge', country: 'US', [name]: value });

  it('are each in all their sets of dimensions, with all their values', () => {
    expect(readEmf(emf('Verdicts', [1, 2]))).toEqual([
      { metric: { namespace: 'Loginward', name: 'Verdicts', dimensions: { service: 'judge' } }, at: 1000, values: [1, 2], unit: 'Count' },
      { metric: { namespace: 'Loginward', name: 'Verdicts', dimensions: { service: 'judge', country: 'US' } }, at: 1000, values: [1, 2], unit: 'Count' },
    ]);
    expect([...readEmf('{"level":"INFO"}'), ...readEmf(emf('Verdicts', 1).slice(0, -5))]).toEqual([]);
  });

  const folder = mkdtempSync(join(tmpdir(), 'loginward-logs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are read once each, from before the start, over a rotation, and only in whole lines', () => {
    const file = join(folder, 'judge.log');
    writeFileSync(`${file}.1`, 'one\n');
    writeFileSync(file, 'two\nthr');
    const reader = logReader(file);
    const read = (): string[] => {
      const lines: string[] = [];
      reader.read((line) => lines.push(line));
      return lines;
    };
    expect(read()).toEqual(['one', 'two']);
    appendFileSync(file, 'ee\n');
    expect(read()).toEqual(['three']);
    appendFileSync(file, 'four\n');
    renameSync(file, `${file}.1`);
    expect(read()).toEqual([]);
    writeFileSync(file, 'five\n');
    expect(read()).toEqual(['four', 'five']);
    reader.close();
  });
});

describe('the clock', () => {
  it('stretches all that lies before and after its start', () => {
    let now = 1_000_000;
    const clock = clockOf(() => now, 250);
    now += 250;
    expect([clock.now(), clock.at(1_000_000 - 500), clock.stretched(1000)]).toEqual([1_000_000 + minute, 1_000_000 - 2 * minute, 4 * minute]);
  });
});

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployed, onKafka } from '../../bin/cost/deployed.ts';
import { type AlarmKind, alarmDefinitionOf, alarmKinds, anchorOf, runbookOf } from '../../lib/alarms.ts';
import { namesOf } from '../../lib/names.ts';
import { services } from '../../lib/services.ts';
import { readSettings } from '../../lib/settings.ts';
import { audit, type CatalogFolders, catalogFolders, gameServer } from '../support/catalog.ts';
import { type Resource, synthesize, type Templates, text } from '../support/templates.ts';

const subscribed = [gameServer.name, audit.name];
const names = namesOf({ env: 'dev' });
let catalog: CatalogFolders;
let sns: Templates;
let kafka: Templates;
beforeAll(async () => {
  catalog = await catalogFolders({ 'game-server': gameServer, audit });
  const context = { subscriptions: catalog.subscriptions };
  sns = await synthesize(context);
  kafka = await synthesize({ ...context, bus: 'kafka' });
}, 180_000);
afterAll(async () => {
  await sns.remove();
  await kafka.remove();
  await catalog.remove();
});

const alarmsOf = (templates: Templates): Resource[] => [...templates.of('AWS::CloudWatch::Alarm'), ...templates.of('AWS::CloudWatch::CompositeAlarm')];
const namesOfAll = (templates: Templates): string[] => alarmsOf(templates).map(({ properties }) => properties.AlarmName as string);
const kinds = Object.keys(alarmKinds) as AlarmKind[];

/** The kind that an alarm's name ends with, or that stands before what tells it from others of its kind. */
const kindOf = (alarm: string): AlarmKind | undefined =>
  kinds.filter((kind) => alarm.endsWith(`-${kind}`) || ((kind === 'lagging' || kind === 'disk') && alarm.includes(`-${kind}-`))).toSorted((a, b) => b.length - a.length)[0];

describe('alarms', () => {
  it('watch every queue, dead-letter queue and function', () => {
    const found = namesOfAll(sns);
    for (const { name, consumer, api } of services) {
      const expected = [...(consumer ? ['dead-letters', 'undelivered', 'behind', 'consumer-errors', 'consumer-throttles'] : []), ...(api ? ['api-errors', 'api-throttles'] : [])];
      for (const kind of expected) expect(found).toContain(names.resource(name, kind));
    }
    for (const name of subscribed) {
      for (const kind of ['bridge-errors', 'refused', 'undelivered', 'misconfigured', 'broken', 'waiting', 'held']) expect(found).toContain(names.resource(`http-bridge-${name}`, kind));
    }
  });

  it('have names of their own, and each is of a kind of the one table', () => {
    for (const templates of [sns, kafka]) {
      const found = namesOfAll(templates);
      expect(new Set(found).size).toBe(found.length);
      expect(found.filter((name) => kindOf(name) === undefined)).toEqual([]);
    }
  });

  it('are there of every kind, on one bus or the other', () => {
    const there = new Set([...namesOfAll(sns), ...namesOfAll(kafka)].map(kindOf));
    expect(kinds.filter((kind) => !there.has(kind))).toEqual([]);
  });

  it('say what breaks for whom, how bad it is, where the runbook tells what to do, and which dashboard shows it', () => {
    for (const templates of [sns, kafka]) {
      const dashboards = templates.of('AWS::CloudWatch::Dashboard').map(({ properties }) => properties.DashboardName as string);
      for (const { properties } of alarmsOf(templates)) {
        const kind = kindOf(properties.AlarmName) as AlarmKind;
        const [impact, severity, runbook, dashboard, ...more] = String(properties.AlarmDescription).split('\n');
        expect(impact?.length, properties.AlarmName).toBeGreaterThan(40);
        expect(severity).toBe(`Severity: ${alarmDefinitionOf(kind).severity}`);
        expect(runbook).toBe(`Runbook: ${runbookOf(kind, {})}`);
        expect(dashboards).toContain(dashboard?.replace('Dashboard: ', ''));
        expect(more).toEqual([]);
        // What CloudWatch takes.
        expect(String(properties.AlarmDescription).length).toBeLessThanOrEqual(1024);
      }
    }
  });

  it('tell the alarm topic, and nobody else', () => {
    for (const { properties } of [...alarmsOf(sns), ...alarmsOf(kafka)]) {
      expect(properties.AlarmActions).toHaveLength(1);
      expect(properties.OKActions).toBeUndefined();
      expect(text(properties.AlarmActions)).toMatch(/busalarms|Alarms/);
    }
  });

  it('name the heading where the deployment says that the runbook can be read', () => {
    const settings = readSettings({ runbookUrl: 'https://wiki.studio.com/loginward/runbook' });
    expect(runbookOf('dead-letters', settings)).toBe('https://wiki.studio.com/loginward/runbook#dead-letters');
  });
});

describe('what missing data means', () => {
  const missing = (templates: Templates, kind: AlarmKind) => new Set(alarmsOf(templates).filter(({ properties }) => kindOf(properties.AlarmName) === kind).map(({ properties }) => properties.TreatMissingData as string));

  it('is the fault itself for the canary: nobody knows then whether a login still goes the whole way', () => {
    expect(alarmDefinitionOf('missing')).toMatchObject({ missing: 'breaching', below: 1, periods: 3 });
  });

  it('is no change for queues: SQS stops to measure those that nobody touches, and what lies in them lies there still', () => {
    for (const kind of ['dead-letters', 'undelivered', 'behind', 'refused', 'waiting'] as const) expect([...missing(sns, kind)], kind).toEqual(['ignore']);
  });

  it('is well for functions and counts, which say nothing while nothing happens', () => {
    for (const kind of ['consumer-errors', 'api-throttles', 'locks-held', 'misconfigured'] as const) expect([...missing(sns, kind)], kind).toEqual(['notBreaching']);
  });
});

describe('the chain stands still', () => {
  it('is what the canary and any stage of the chain say together, by their names alone', () => {
    for (const templates of [sns, kafka]) {
      const [{ properties, stack } = {} as Resource, ...more] = templates.of('AWS::CloudWatch::CompositeAlarm');
      expect(more).toEqual([]);
      expect(stack).toBe('loginward-dev-operations');
      const rule = String(properties.AlarmRule);
      expect(rule).toMatch(/^\(?ALARM\("loginward-dev-canary-missing"\) AND \(/);
      const named = [...rule.matchAll(/ALARM\("([^"]+)"\)/g)].map(([, name]) => name ?? '');
      const found = namesOfAll(templates);
      for (const name of named) expect(found).toContain(name);
      for (const { name, stage, consumer } of services) expect(named.some((each) => each.startsWith(names.resource(name, consumer ? 'consumer-errors' : 'api-errors'))), name).toBe(stage === true);
      // A handler that throws tells by nothing else.
      for (const { name } of services.filter(({ stage, consumer }) => stage && consumer)) expect(named, name).toContain(names.resource(name, templates === sns ? 'dead-letters' : 'failed'));
      expect(rule.length).toBeLessThan(10_240);
    }
  });
});

describe('what is paid whatever comes', () => {
  it('is what npm run cost counts with', () => {
    /** The value that all have. */
    const onlyOf = (values: readonly unknown[]): unknown => {
      const [value, ...others] = new Set(values);
      expect(others).toEqual([]);
      return value;
    };
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    const metricsOfRoute = ['4xx', '5xx', 'Count', 'IntegrationLatency', 'Latency', 'DataProcessed'];
    const own = ({ properties }: Resource): boolean => !String(properties.AlarmName ?? properties.FunctionName).includes('-http-bridge-');
    const alarmMetrics = (templates: Templates): number =>
      templates.of('AWS::CloudWatch::Alarm').filter(own).reduce((sum, { properties }) => sum + ((properties.Metrics as { MetricStat?: object }[] | undefined)?.filter(({ MetricStat }) => MetricStat).length ?? 1), 0);
    expect(deployed).toEqual({
      alarmMetrics: alarmMetrics(sns),
      compositeAlarms: sns.of('AWS::CloudWatch::CompositeAlarm').length,
      dashboards: sns.of('AWS::CloudWatch::Dashboard').length,
      keys: sns.of('AWS::KMS::Key').length,
      secrets: sns.of('AWS::SecretsManager::Secret').length,
      polledQueues: sns.of('AWS::Lambda::EventSourceMapping').length - subscribed.length,
      logRetentionDays: onlyOf(sns.of('AWS::Logs::LogGroup').map(({ properties }) => properties.RetentionInDays)),
      metricsOfRoute: onlyOf(sns.of('AWS::ApiGatewayV2::Stage').map(({ properties }) => properties.DefaultRouteSettings.DetailedMetricsEnabled)) === true ? metricsOfRoute.length : 0,
      hasCanary: sns.of('AWS::Lambda::Function').some(({ properties }) => String(properties.FunctionName).includes('canary')),
    });
    expect(onKafka.moreAlarmMetrics).toBe(alarmMetrics(kafka) - alarmMetrics(sns));
  });
});

describe('the runbook', () => {
  /** Its sections, by heading. */
  const sections = async (): Promise<Map<string, string>> => {
    const [, ...parts] = (await readFile('docs/runbook.md', 'utf8')).split(/^## /m);
    return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part]));
  };

  it('has a heading for each kind of alarm, and no other', async () => {
    expect([...(await sections()).keys()].toSorted()).toEqual([...new Set(kinds.map((kind) => alarmDefinitionOf(kind).heading))].toSorted());
  });

  it('names under each heading the alarms that lead to it, and how bad they are', async () => {
    const all = await sections();
    for (const kind of kinds) {
      const { heading, severity } = alarmDefinitionOf(kind);
      const [, , alarms = ''] = all.get(heading)?.split('\n') ?? [];
      expect(alarms, heading).toMatch(new RegExp(`^Kinds? .*\`${kind}\`.*, ${severity}[.:]`));
    }
  });

  it('tells of each what it means, what players notice, how to look, how to mend it, and by which fault it was tried out', async () => {
    for (const [heading, section] of await sections()) {
      const parts = [...section.matchAll(/^- \*\*([A-Z][a-z ]+)\*\*: /gm)].map(([, part]) => part);
      expect(parts, heading).toEqual(['Means', 'Players notice', 'Look', 'Mend', 'Tried out']);
    }
  });

  it('leads on to headings that there are', async () => {
    const all = await sections();
    const anchors = new Set([...all.keys()].map(anchorOf));
    for (const [heading, section] of all) for (const [, anchor = ''] of section.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors, heading).toContain(anchor);
  });
});

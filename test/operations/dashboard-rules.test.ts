import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canaryAccount, type MetricName, metrics, metricsNamespace } from '../../lambdas/contracts/metrics.ts';
import { response, trigger } from '../../lambdas/contracts/primitives.ts';
import { type EventLine, idsOf } from '../../lambdas/runtime/event-log.ts';
import { bundleName, partsOf } from '../../lib/bundles.ts';
import { widthsOf } from '../../lib/dashboards/graph.ts';
import { evenly } from '../../lib/evenly.ts';
import { queries } from '../../lib/queries.ts';
import { services } from '../../lib/services.ts';
import { audit, type CatalogFolders, catalogFolders, gameServer } from '../support/catalog.ts';
import { type Asked, askedByAlarms, askedByDashboards, dashboardsOf, type Widget } from '../support/dashboards.ts';
import { eventOf } from '../support/logins.ts';
import { synthesize, type Templates, text } from '../support/templates.ts';

const subscribed = [gameServer.name, audit.name];
/** Metrics that no dashboard shows, each with the reason. */
const unused: Readonly<Partial<Record<MetricName, string>>> = {};

let catalog: CatalogFolders;
let sns: Templates;
let kafka: Templates;
/** What differs on Kafka does so alike for every service. */
const onKafka = services.filter(({ stage, bridge }) => stage ?? bridge);
/** A deployment without most services, and without their dashboards. */
let few: Templates;
beforeAll(async () => {
  catalog = await catalogFolders({ 'game-server': gameServer, audit });
  const context = { subscriptions: catalog.subscriptions };
  sns = await synthesize(context);
  kafka = await synthesize({ ...context, bus: 'kafka' }, onKafka);
  few = await synthesize({ serviceDashboards: 'false' }, services.filter(({ name }) => name === 'publisher' || name === 'ip-checker'));
}, 180_000);
afterAll(async () => {
  for (const templates of [sns, kafka, few]) await templates.remove();
  await catalog.remove();
});

const nameOf = (dashboard: string): string => `loginward-dev-${dashboard}`;

/** Where a metric of AWS is from, by namespace: what it measures, the resources by name or id, and the metrics that AWS documents. */
function resourcesOf(templates: Templates) {
  const named = (type: string, property: string) => new Set(templates.of(type).flatMap(({ id, properties }) => [`<${id}>`, String(properties[property])]));
  return {
    'AWS/SQS': { QueueName: named('AWS::SQS::Queue', 'QueueName') },
    'AWS/Lambda': { FunctionName: named('AWS::Lambda::Function', 'FunctionName'), EventSourceMappingUUID: named('AWS::Lambda::EventSourceMapping', 'FunctionName') },
    'AWS/Kafka': { 'Cluster Name': named('AWS::MSK::Cluster', 'ClusterName') },
  } as Readonly<Record<string, Readonly<Record<string, ReadonlySet<string>>>>>;
}
const ofAws: Readonly<Record<string, readonly string[]>> = {
  'AWS/SQS': ['ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesVisible'],
  'AWS/Lambda': ['Invocations', 'Errors', 'Throttles', 'Duration', 'OffsetLag', 'DestinationDeliveryFailures', 'SumOffsetLag', 'CommittedEventCount', 'OnFailureDestinationDeliveredEventCount'],
  'AWS/ApiGateway': ['Count', '4xx', '5xx', 'Latency'],
  'AWS/Kafka': ['KafkaDataLogsDiskUsed'],
};

/** What of the metrics' names stands in the code of each service's functions, the table of metrics left aside. */
async function writtenBy(templates: Templates): Promise<Map<string, string>> {
  const { outputs } = JSON.parse(await readFile(join(templates.bundles, 'metafile.json'), 'utf8')) as { outputs: Record<string, { inputs: Record<string, unknown> }> };
  const sources = new Map<string, string>();
  for (const service of services) {
    const entries = partsOf(service).map((part) => `${bundleName(service.name, part)}/index.js`);
    const files = Object.entries(outputs).flatMap(([output, { inputs }]) => (entries.some((entry) => output.endsWith(entry)) ? Object.keys(inputs) : []));
    const ours = [...new Set(files)].filter((file) => file.startsWith('lambdas/') && file !== 'lambdas/contracts/metrics.ts');
    sources.set(service.name, (await Promise.all(ours.map((file) => readFile(file, 'utf8')))).join('\n'));
  }
  return sources;
}

describe('every metric on a dashboard or in an alarm', () => {
  const asked = (templates: Templates): Asked[] => [...askedByDashboards(templates), ...askedByAlarms(templates)];

  it('of ours is one that the service writes, with exactly the dimensions that it is written with', async () => {
    const sources = await writtenBy(sns);
    const values: Readonly<Record<string, readonly string[]>> = { trigger: trigger.options, response: response.options, subscription: subscribed };
    const unwritten = new Set<string>();
    for (const templates of [sns, kafka]) {
      const ours = asked(templates).filter(({ namespace }) => namespace === metricsNamespace);
      expect(ours.length).toBeGreaterThan(100);
      for (const { where, name, dimensions } of ours) {
        const { service = '', env, ...more } = dimensions;
        const by = (metrics as Readonly<Record<string, { readonly by?: string } | undefined>>)[name]?.by;
        expect(Object.keys(metrics), where).toContain(name);
        expect(env, where).toBe('dev');
        expect(Object.keys(more), `${where} ${name}`).toEqual(by === undefined ? [] : [by]);
        for (const [dimension, value] of Object.entries(more)) if (value !== undefined) expect(values[dimension], where).toContain(value);
        if (!new RegExp(`\\b${name}\\b`).test(sources.get(service) ?? '')) unwritten.add(`${service} ${name}`);
      }
    }
    expect([...unwritten]).toEqual([]);
  });

  it('of AWS is one that AWS measures, of a resource that there is', () => {
    for (const templates of [sns, kafka]) {
      const resources = resourcesOf(templates);
      for (const { where, namespace, name, dimensions } of asked(templates).filter((each) => each.namespace !== metricsNamespace)) {
        expect(ofAws[namespace], `${where} ${namespace}`).toContain(name);
        if (namespace === 'AWS/ApiGateway') expect(dimensions['ApiId'], where).toBe(`<${templates.of('AWS::ApiGatewayV2::Api')[0]?.id}>`);
        if (namespace === 'AWS/ApiGateway') continue;
        const known = Object.entries(resources[namespace] ?? {}).some(([dimension, there]) => there.has(dimensions[dimension] ?? ''));
        expect(known, `${where}: ${namespace} ${JSON.stringify(dimensions)}`).toBe(true);
      }
    }
  });

  it('has the same colour wherever it counts the same', () => {
    const colourOf = new Map<string, Set<string>>();
    for (const { name, color, where } of askedByDashboards(sns)) {
      if (!['Received', 'Emitted', 'Swallowed', 'Failed', 'Parked'].includes(name) || color === undefined || where.endsWith('by service')) continue;
      colourOf.set(name, (colourOf.get(name) ?? new Set()).add(color));
    }
    expect([...colourOf.keys()].toSorted()).toEqual(['Emitted', 'Failed', 'Parked', 'Received', 'Swallowed']);
    for (const [name, colours] of colourOf) expect([...colours], name).toHaveLength(1);
  });
});

describe('the dashboards', () => {
  it('are one for each service, one for the HTTP API, and the overview', () => {
    for (const [templates, table] of [[sns, services], [kafka, onKafka]] as const) {
      const expected = [...table.map(({ name }) => name), 'api', 'overview'].map(nameOf).toSorted();
      expect(dashboardsOf(templates).map(({ name }) => name).toSorted()).toEqual(expected);
    }
  });

  it('show every metric that there is', () => {
    const shown = new Set(askedByDashboards(sns).flatMap(({ namespace, name }) => (namespace === metricsNamespace ? [name] : [])));
    expect(Object.keys(metrics).filter((name) => !shown.has(name) && !(name in unused))).toEqual([]);
    expect(Object.keys(unused).filter((name) => shown.has(name))).toEqual([]);
  });

  it('lie on a grid of 24 columns without gaps to the right and without one widget upon another', () => {
    for (const { name, widgets } of [...dashboardsOf(sns), ...dashboardsOf(kafka), ...dashboardsOf(few)]) {
      const taken = new Set<string>();
      for (const widget of widgets) for (const cell of cellsOf(widget)) expect(taken.size, `${name}: ${cell}`).toBeLessThan(taken.add(cell).size);
      for (const [y, row] of Map.groupBy(widgets, (widget) => widget.y)) {
        expect(row.reduce((sum, { width }) => sum + width, 0), `${name}: row ${y}`).toBe(24);
        expect(new Set(row.map(({ height }) => height)).size, `${name}: row ${y}`).toBe(1);
      }
    }
  });

  it('tell what each widget shows and in what unit, and stay below what CloudWatch takes', () => {
    for (const { name, text: body, widgets } of [...dashboardsOf(sns), ...dashboardsOf(kafka)]) {
      expect(widgets.length, name).toBeLessThanOrEqual(500);
      expect(body.length, name).toBeLessThan(1_000_000);
      for (const { type, properties } of widgets) {
        if (type !== 'text') expect(properties.title, name).toBeTruthy();
        if (type !== 'metric') continue;
        expect(properties.metrics.length).toBeLessThanOrEqual(500);
        if (properties.view !== 'timeSeries') continue;
        const drawn = (properties.metrics as [...string[], { yAxis?: string }][]).map((row) => (row.at(-1) as { yAxis?: string }).yAxis ?? 'left');
        for (const axis of new Set(drawn)) expect(properties.yAxis[axis]?.label, `${name}: ${properties.title}`).toBeTruthy();
      }
    }
  });

  it('lead on: to the overview, to each other, and to log groups that there are', () => {
    for (const templates of [sns, kafka, few]) {
      const dashboards = dashboardsOf(templates);
      const names = new Set(dashboards.map(({ name }) => name));
      const groups = new Set(templates.of('AWS::Logs::LogGroup').map(({ properties }) => properties.LogGroupName as string));
      for (const { name, text: body } of dashboards) {
        for (const [, linked = ''] of body.matchAll(/#dashboards\/dashboard\/([^)]+)\)/g)) expect(names, name).toContain(linked);
        for (const [, group = ''] of body.matchAll(/log-groups\/log-group\/([^)]+)\)/g)) expect(groups, name).toContain(group.replaceAll('$252F', '/'));
        expect(body, name).toContain('docs/runbook.md');
      }
    }
  });

  it('show the state of every alarm: a service its own, the overview all', () => {
    for (const templates of [sns, kafka, few]) {
      const all = templates.of('AWS::CloudWatch::Alarm').map(({ properties }) => properties.AlarmName as string);
      const overview = dashboardsOf(templates).find(({ name }) => name === nameOf('overview'));
      const shown = (overview?.widgets ?? []).flatMap(({ properties }) => ((properties.alarms ?? []) as string[]).map((arn) => arn.split(':alarm:')[1]));
      for (const name of all) expect(shown, name).toContain(name);
      for (const widget of overview?.widgets ?? []) expect((widget.properties.alarms ?? []).length).toBeLessThanOrEqual(100);
    }
  });

  it('leave out what is not deployed', () => {
    const dashboards = dashboardsOf(few);
    // Each beyond three is $3 a month.
    expect(dashboards.map(({ name }) => name)).toEqual([nameOf('overview')]);
    for (const { name } of services) expect(dashboards[0]?.text.includes(`"${name}"`), name).toBe(name === 'publisher' || name === 'ip-checker');
  });

  it('do not change with the subscriptions, but the overview, which collects', async () => {
    const none = await synthesize({}, services.filter(({ name }) => name === 'http-bridge'));
    const of = (templates: Templates) => dashboardsOf(templates).find(({ name }) => name === nameOf('http-bridge'))?.text;
    expect(of(none)).toBe(of(sns));
    await none.remove();
  });
});

/** The cells of the grid that a widget lies on. */
const cellsOf = ({ x, y, width, height }: Widget): string[] =>
  Array.from({ length: width * height }, (_, index) => `${x + (index % width)}, ${y + Math.floor(index / width)}`);

describe('rows', () => {
  it('are as few as they can be, filled evenly and over the whole width', () => {
    expect(evenly([1, 2, 3, 4], 3)).toEqual([[1, 2], [3, 4]]);
    expect(evenly([1, 2, 3, 4, 5, 6, 7], 3).map(({ length }) => length)).toEqual([3, 2, 2]);
    expect(evenly([], 3)).toEqual([]);
    for (const count of [1, 2, 3, 4, 5, 6, 7]) expect(widthsOf(count).reduce((sum, width) => sum + width, 0)).toBe(24);
  });
});

describe('the saved queries', () => {
  const eventLine: Readonly<Record<keyof EventLine, true>> = {
    eventId: true,
    eventType: true,
    loginId: true,
    traceId: true,
    outcome: true,
    emitted: true,
    ageSeconds: true,
    record: true,
    reason: true,
    subscription: true,
    delivery: true,
    canary: true,
  };
  const ofLogger = ['@timestamp', '@log', 'message', 'level', 'service'];
  const ofLambda = ['type', 'record.metrics.initDurationMs'];
  const words = 'fields filter stats sort limit by as and not in like asc desc count max pct ispresent'.split(' ');

  /** What a query reads: neither words of the language, nor texts and patterns, nor what it names itself. */
  const fieldsOf = (lines: readonly string[]): string[] => {
    const plain = lines.join(' ').replaceAll(/"[^"]*"|\/[^/]*\//g, '');
    const own = new Set([...plain.matchAll(/ as (\w+)/g)].map(([, name]) => name));
    return [...plain.matchAll(/[@A-Za-z][\w.]*/g)].map(([name]) => name).filter((name) => !words.includes(name) && !own.has(name));
  };

  it('leave the canary out of how slow stages are, for its lines are told apart', () => {
    const told = { ...eventOf('password.changed', 'ann', { changedAt: new Date(0).toISOString() }), acceptedtime: new Date(0).toISOString() };
    expect(idsOf(told)).not.toHaveProperty('canary');
    expect(idsOf({ ...told, subject: canaryAccount })).toMatchObject({ canary: true });
    expect(queries['slowest-stages'].lines[0]).toContain('not ispresent(canary)');
  });

  it('ask for fields that are written', () => {
    const stage = sns.of('AWS::ApiGatewayV2::Stage')[0]?.properties.AccessLogSettings.Format as string;
    const ofAccessLog = Object.keys(JSON.parse(stage) as object);
    for (const [name, { over, lines }] of Object.entries(queries)) {
      const known = over === 'access-log' ? ['@timestamp', ...ofAccessLog] : [...ofLogger, ...ofLambda, ...Object.keys(eventLine)];
      for (const field of fieldsOf(lines)) expect(known, name).toContain(field);
    }
  });

  it('look through the logs of all functions, of the subscriptions, or of the HTTP API, and no more groups than Logs Insights takes', () => {
    for (const templates of [sns, kafka, few]) {
      const groups = templates.of('AWS::Logs::LogGroup').map(({ properties }) => properties.LogGroupName as string);
      const found = new Map(templates.of('AWS::Logs::QueryDefinition').map(({ properties }) => [String(properties.Name).replace('loginward-dev-operations/', ''), properties.LogGroupNames as string[]]));
      expect(found.get('one-login')?.toSorted()).toEqual(groups.filter((name) => name.startsWith('/aws/lambda/')).toSorted());
      expect(found.get('refused-requests')).toEqual(['/aws/apigateway/loginward-dev-api']);
      expect(found.get('deliveries')?.every((name) => name.startsWith('/aws/lambda/loginward-dev-http-bridge'))).toBe(templates === few ? undefined : true);
      for (const names of found.values()) expect(names.length).toBeLessThanOrEqual(50);
    }
  });

  it('are those that the runbook names', async () => {
    const runbook = await readFile('docs/runbook.md', 'utf8');
    for (const name of Object.keys(queries)) expect(runbook).toContain(`\`${name}\``);
    expect(text(sns.of('AWS::Logs::QueryDefinition').map(({ properties }) => properties.QueryString))).toContain('LOGIN_ID');
  });
});

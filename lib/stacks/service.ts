import { join, parse } from 'node:path';
import { Duration, Stack, Tags } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table as DynamoTable } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { NoticeCaps } from '../../lambdas/contracts/actions.ts';
import { eventType, expiredFolder, maxReceives, parkedFolder, variables } from '../../lambdas/contracts/names.ts';
import { type Watch, watches } from '../alarms.ts';
import { bundleName, busResources, campaignsFile, eventTypesFile, geoDatabaseFile, type Part } from '../bundles.ts';
import { routeResource } from '../callers.ts';
import type { Catalog } from '../catalog.ts';
import { everyMinute } from '../constructs/every-minute.ts';
import { BridgeSubscription } from '../constructs/bridge-subscription.ts';
import { KafkaInbox } from '../constructs/kafka-inbox.ts';
import { ServiceAlarm } from '../constructs/service-alarm.ts';
import { ServiceBucket } from '../constructs/service-bucket.ts';
import { allow, ServiceFunction } from '../constructs/service-function.ts';
import { ServiceQueue } from '../constructs/service-queue.ts';
import { ServiceRoutes } from '../constructs/service-routes.ts';
import { ServiceTable } from '../constructs/service-table.ts';
import { ServiceTopics } from '../constructs/service-topics.ts';
import { TopicPartitions } from '../constructs/topic-partitions.ts';
import { ServiceDashboard } from '../dashboards/service-dashboard.ts';
import { expiredDaysOnKafka, failedDays, ownerOf, ownsTopics, raisedTopics, typesOf } from '../kafka.ts';
import { sumOf } from '../math.ts';
import { metricOf } from '../metric.ts';
import type { Names } from '../names.ts';
import type { Api, Bridge, Consumer, Need, Schedule, Service } from '../services.ts';
import type { Settings } from '../settings.ts';
import { accessTo, readSecret, sendingBy } from './permissions.ts';
import { publishing } from './publishing.ts';

export interface ServiceStackProps {
  readonly service: Service;
  readonly names: Names;
  readonly settings: Settings;
  /** Folder of all bundles. */
  readonly bundles: string;
  readonly catalog: Catalog;
}

/** One service: its queues, tables, functions, routes and alarms, all made from its row in the table of services. */
export class ServiceStack extends Stack {
  readonly #props: ServiceStackProps;
  readonly #tables: ReadonlyMap<string, DynamoTable>;
  /** On Kafka: how far behind it is in each topic. */
  readonly #minutesBehind: IMetric[] = [];

  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    const { service, names, settings } = props;
    super(scope, id, { description: `Loginward: ${service.name} ${service.purpose}` });
    Tags.of(this).add('loginward:service', service.name);
    this.#props = props;
    this.#tables = new Map(
      service.tables.map((row) => [row.name, new ServiceTable(this, `Table-${row.name}`, { row, names, settings }).table]),
    );
    if (ownsTopics(settings)) {
      new ServiceTopics(this, 'Topics', { names, settings, types: typesOf(props.catalog).filter((type) => ownerOf(type) === service.name) });
    }
    if (service.consumer) this.#addConsumer(service.consumer);
    if (service.api) this.#addApi(service.api);
    if (service.schedule) this.#addSchedule(service.schedule);
    if (service.bridge) this.#addBridge(service.bridge);
    this.#addWatches();
    if (settings.serviceDashboards) this.#addDashboard();
  }

  #addConsumer(consumer: Consumer): void {
    const { service, settings } = this.#props;
    const ours = { ...consumer, maxConcurrency: settings.maxConcurrency[service.name] ?? consumer.maxConcurrency };
    if (settings.bus === 'kafka') this.#feedFromKafka(ours);
    else this.#feedFromQueue(ours);
  }

  #feedFromQueue(consumer: Consumer): void {
    const { service, names } = this.#props;
    const queue = new ServiceQueue(this, 'Queue', {
      name: names.resource(service.name),
      names,
      consumes: consumer.consumes.map(({ event, filter }) => ({ type: eventType(event), filter })),
      timeoutSeconds: consumer.timeoutSeconds,
      batchingWindowSeconds: consumer.batchingWindowSeconds,
      maxReceives,
      // A dead-lettered message keeps the age it had: 10 days here leave it at least 4 in the dead-letter queue.
      retentionDays: 10,
    });
    const target = this.#addFunction('consumer', consumer, queue.statements(), queue.environment());
    queue.feed(target, { batchSize: consumer.batchSize, windowSeconds: consumer.batchingWindowSeconds, concurrency: consumer.maxConcurrency });
    const { errorImpact } = consumer;
    const newest = { period: Duration.minutes(1), statistic: 'Maximum' };
    this.#addAlarm({ kind: 'dead-letters', metric: queue.deadLetterQueue.metricApproximateNumberOfMessagesVisible(newest), errorImpact });
    this.#addAlarm({ kind: 'undelivered', metric: queue.subscriptionDeadLetterQueue.metricApproximateNumberOfMessagesVisible(newest), errorImpact });
    this.#addAlarm({ kind: 'behind', metric: queue.queue.metricApproximateAgeOfOldestMessage(newest), errorImpact });
  }

  #feedFromKafka(consumer: Consumer): void {
    const { service, names, settings } = this.#props;
    const inbox = new KafkaInbox(this, 'Inbox', { service: service.name, consumer, names, settings });
    const target = this.#addFunction('consumer', consumer, inbox.statements(), inbox.environment(), inbox.reservedConcurrency());
    inbox.feed(target);
    const { errorImpact } = consumer;
    this.#addAlarm({ kind: 'failed', metric: inbox.failed(), errorImpact });
    // Records that could not even be put aside are lost.
    this.#addAlarm({ kind: 'lost', metric: target.metric('DestinationDeliveryFailures', { period: Duration.minutes(1), statistic: 'Sum' }), errorImpact });
    for (const { topic, metric } of inbox.minutesBehind()) {
      this.#addAlarm({ kind: 'lagging', of: topic, metric, errorImpact });
      this.#minutesBehind.push(metric);
    }
  }

  #addApi(api: Api): void {
    const { names } = this.#props;
    const hasPlayers = api.routes.some(({ authorization }) => authorization === 'player');
    const target = this.#addFunction('api', api, [], hasPlayers ? { [variables.accountClaim]: this.#props.settings.accountClaim } : {});
    new ServiceRoutes(this, 'Routes', { names, function: target, routes: api.routes });
  }

  #addSchedule(schedule: Schedule): void {
    const { service, names } = this.#props;
    const apiId = StringParameter.valueForStringParameter(this, names.parameters.apiId);
    const calls = schedule.calls.map((call) => this.formatArn({ service: 'execute-api', resource: apiId, resourceName: `$default/${routeResource(call)}` }));
    const target = this.#addFunction('schedule', schedule, [allow(['execute-api:Invoke'], calls)], {});
    everyMinute(this, { function: target, description: `${service.name} ${service.purpose}` });
  }

  #addBridge(bridge: Bridge): void {
    const { service, names, settings, bundles, catalog } = this.#props;
    const isKafka = settings.bus === 'kafka';
    const keptDays = { [expiredFolder]: isKafka ? Math.min(settings.expiredDays, expiredDaysOnKafka) : settings.expiredDays, ...(isKafka && { [parkedFolder]: failedDays }) };
    const bucket = new ServiceBucket(this, 'Backlog', { keptDays }).bucket;
    new StringParameter(this, 'BacklogName', { parameterName: names.parameters.backlog, stringValue: bucket.bucketName });
    const [[name, table] = []] = this.#tables;
    if (name === undefined || table === undefined) throw new Error(`${service.name} has no table for its breakers.`);
    for (const subscription of catalog.subscriptions) {
      new BridgeSubscription(this, `Subscription-${subscription.name}`, {
        service: service.name,
        subscription,
        bridge,
        names,
        settings,
        subscriptions: catalog.subscriptions,
        codePath: join(bundles, bundleName(service.name, 'bridge')),
        breakers: { name, table },
        bucket,
      });
    }
    const raised = raisedTopics(settings, catalog.subscriptions);
    if (raised.size > 0) {
      new TopicPartitions(this, 'Partitions', { service: service.name, names, settings, codePath: join(bundles, busResources), partitions: raised });
    }
  }

  #addFunction(part: Exclude<Part, 'bridge'>, settings: Consumer | Api | Schedule, statements: PolicyStatement[], environment: Record<string, string>, reservedConcurrency?: number): Function {
    const { service, names, bundles } = this.#props;
    const name = bundleName(service.name, part);
    const publisher = publishing(this, names, this.#props.settings, this.#typesOf(settings));
    const made = new ServiceFunction(this, part, {
      name: names.resource(name),
      names,
      service: service.name,
      description: `${service.name} ${service.purpose}`,
      codePath: join(bundles, name),
      memoryMiB: settings.memoryMiB,
      timeoutSeconds: settings.timeoutSeconds,
      settings: this.#props.settings,
      environment: { ...environment, ...publisher.environment, ...this.#environmentOf(part, settings) },
      network: publisher.network,
      ...(reservedConcurrency !== undefined && { reservedConcurrency }),
      statements: [
        ...statements,
        ...publisher.statements,
        ...accessTo(settings.access, this.#tables),
        ...sendingBy(this, settings.needs, this.#props.settings),
        ...(settings.needs.includes('link-secret') ? [readSecret(this, names.linkSecret)] : []),
      ],
    }).function;
    // What reports every minute is in alarm as soon as it says nothing.
    if (part === 'schedule') return made;
    const { errorImpact } = settings;
    const perMinute = { period: Duration.minutes(1), statistic: 'Sum' };
    const errors = made.metricErrors(perMinute);
    // A route whose work fails answers 5xx, and for Lambda nothing has failed.
    const metric = part === 'api' ? sumOf('errors', [errors, metricOf(names, service.name, 'RequestFailed', perMinute)], { label: 'Requests without a good answer' }) : errors;
    this.#addAlarm({ kind: `${part}-errors`, metric, errorImpact });
    this.#addAlarm({ kind: `${part}-throttles`, metric: made.metricThrottles(perMinute), errorImpact });
    return made;
  }

  #environmentOf(part: Part, settings: Consumer | Api | Schedule): Record<string, string> {
    const { access, needs } = settings;
    const usesBus = part === 'consumer' || this.#typesOf(settings).length > 0;
    const bus = usesBus ? { [variables.bus]: this.#props.settings.bus } : {};
    const tables = Object.keys(access).map((name) => [variables.table(name), this.#tables.get(name)?.tableName]);
    return Object.assign(bus, Object.fromEntries(tables), ...needs.map((need) => environments[need](this, this.#props)));
  }

  /** The types that a function may publish: its own, and those of the company that are open when it serves them. */
  #typesOf({ publishes, needs }: Pick<Consumer, 'publishes' | 'needs'>): string[] {
    const open = this.#props.catalog.eventTypes.filter(({ outsideProducers }) => outsideProducers).map(({ type }) => type);
    return [...publishes.map((event) => eventType(event)), ...(needs.includes('event-types') ? open : [])];
  }

  /** Watches the service's own metrics, as its row says. */
  #addWatches(): void {
    const { service, names, settings } = this.#props;
    for (const kind of service.watches ?? []) {
      const { metric, threshold }: Watch = watches[kind];
      this.#addAlarm({ kind, metric: metric({ names, service: service.name, settings }), ...(threshold && { threshold: threshold(settings) }) });
    }
  }

  #addDashboard(): void {
    const { service, names, settings } = this.#props;
    // Those of subscriptions lie deeper.
    const alarms = this.node.children.filter((child) => child instanceof ServiceAlarm).map(({ alarm }) => alarm);
    new ServiceDashboard(this, 'Dashboard', { service, names, settings, alarms, minutesBehind: this.#minutesBehind });
  }

  #addAlarm(alarm: Pick<ConstructorParameters<typeof ServiceAlarm>[1], 'kind' | 'of' | 'metric' | 'errorImpact' | 'threshold'>): void {
    const { service, names, settings } = this.#props;
    new ServiceAlarm(this, { names, settings, service: service.name, ...alarm });
  }
}

/** The environment variables that each need becomes. */
const environments: Readonly<Record<Need, (scope: Construct, props: ServiceStackProps) => Record<string, string>>> = {
  'geo-database': (_, { settings }) => ({
    [variables.geoDatabase]: geoDatabaseFile,
    [variables.geoDatabaseName]: geoDatabaseNameOf(settings.geoDatabase),
  }),
  'event-types': () => ({ [variables.eventTypes]: eventTypesFile }),
  'trace-sampling': (_, { settings }) => ({ [variables.traceSampling]: String(settings.traceSampling) }),
  campaigns: () => ({ [variables.campaigns]: campaignsFile }),
  'home-countries': (_, { settings }) => ({ [variables.homeCountries]: settings.homeCountries.join(',') }),
  responses: (_, { settings }) => ({ [variables.defaultResponses]: JSON.stringify(settings.responses) }),
  mode: (_, { settings }) => ({ [variables.mode]: settings.mode }),
  'trusted-methods': (_, { settings }) => ({ [variables.trustedMethods]: settings.trustedMethods.join(',') }),
  'stale-after': (_, { settings }) => ({ [variables.staleAfterSeconds]: JSON.stringify(settings.staleAfterSeconds) }),
  'notice-caps': (_, { settings: { smsPerAccountAndDay, smsPerDay, emailsPerAccountAndDay } }) => ({
    [variables.noticeCaps]: JSON.stringify({ smsPerAccountAndDay, smsPerDay, emailsPerAccountAndDay } satisfies NoticeCaps),
  }),
  'locks-per-hour': (_, { settings }) => ({ [variables.locksPerHour]: String(settings.locksPerHour) }),
  'sms-codes-per-day': (_, { settings }) => ({ [variables.smsCodesPerDay]: String(settings.smsCodesPerDay) }),
  'link-secret': (_, { names }) => ({ [variables.linkSecret]: names.linkSecret }),
  'public-url': (scope, { names, settings }) => ({
    [variables.publicUrl]: settings.publicUrl ?? StringParameter.valueForStringParameter(scope, names.parameters.apiEndpoint),
  }),
  'api-url': (scope, { names }) => ({ [variables.apiUrl]: StringParameter.valueForStringParameter(scope, names.parameters.apiEndpoint) }),
  email: (_, { settings }) => ({ [variables.senderAddress]: settings.senderAddress }),
  sms: () => ({}),
};

/** Name of a geo database: its file's. Which version of it is told by the build date, which travels beside it in every login. */
const geoDatabaseNameOf = (file: string): string => parse(file).name;

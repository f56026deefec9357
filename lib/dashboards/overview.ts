import { Dashboard, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { alarmKinds } from '../alarms.ts';
import { clusterMetric, queueMetric } from '../aws-metrics.ts';
import { evenly } from '../evenly.ts';
import { ownsCluster } from '../kafka.ts';
import { sumOf } from '../math.ts';
import { metricOf } from '../metric.ts';
import type { Names } from '../names.ts';
import type { Service } from '../services.ts';
import type { Settings } from '../settings.ts';
import { colourOf, colours } from './colours.ts';
import { addAlarms, addSection, defaultInterval, type Graph, widthsOf } from './graph.ts';
import { dashboardOf, overviewOf } from './names.ts';
import { type PanelName, type PanelOf, panels } from './panels.ts';
import { dashboardLink, head, heading, queriesLink, runbookLink } from './text.ts';
import { behind, tile } from './tile.ts';

interface OverviewProps {
  readonly names: Names;
  readonly settings: Settings;
  readonly services: readonly Service[];
  /** Those that wake somebody, and all others. */
  readonly critical: readonly IAlarm[];
  readonly others: readonly IAlarm[];
}

/** What of the services' own panels an operator wants to see at one glance, in this order. */
const chosen: readonly PanelName[] = ['logins', 'countries', 'verdicts', 'actions', 'notifications', 'access-checks', 'breakers', 'canary', 'geo-database'];

/** The dashboard of all: the chain as a row, and of each service what it says is worth seeing. It only collects. */
export class Overview extends Construct {
  constructor(scope: Construct, id: string, { names, settings, services, critical, others }: OverviewProps) {
    super(scope, id);
    const of = ({ name }: Service): PanelOf => ({ names, settings, service: name });
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: overviewOf(names), defaultInterval });
    const details = settings.serviceDashboards ? [...services.map(({ name }) => name), 'api'].map((name) => dashboardLink(this, name, dashboardOf(names, settings, name))) : [];
    dashboard.addWidgets(head(`Loginward: ${names.env}`, 'Every login that is posted goes along the chain; what is notable ends as a verdict and its responses.', [runbookLink(settings), queriesLink(this), ...details]));
    addAlarms(dashboard, 'Alarms that wake somebody', critical);

    dashboard.addWidgets(heading('The chain, over the time shown'));
    const inChain = services.filter(({ consumer, api, bridge }) => consumer ?? api ?? bridge);
    for (const line of [inChain.filter(({ stage }) => stage), inChain.filter(({ stage }) => !stage)]) {
      for (const row of evenly(line, 6)) dashboard.addWidgets(...row.map((service, index) => tile(service, of(service), widthsOf(row.length)[index] ?? 4)));
    }
    const aged = services.filter(({ consumer, bridge }) => consumer ?? bridge);
    if (aged.length > 0) addSection(dashboard, 'How long it takes, from the acceptance of a login until each service is done', (['p50', 'p99'] as const).map((statistic) => ages(aged.map(of), statistic)), 2);
    addSection(dashboard, 'What players and operators notice', chosen.flatMap((name) => services.filter(({ panels: own = [] }) => own.includes(name)).map((service) => panels[name](of(service)))), 3);
    addSection(dashboard, 'What waits', waiting(services.filter(({ consumer }) => consumer).map(of), names, settings), 2);
    addAlarms(dashboard, 'All other alarms', others);
  }
}

const ages = (all: readonly PanelOf[], statistic: 'p50' | 'p99'): Graph => ({
  title: statistic === 'p50' ? 'Half of them (p50)' : 'The slowest in a hundred (p99)',
  unit: 'seconds',
  left: all.map(({ names, service }) => metricOf(names, service, 'EventAge', { statistic, label: service, color: colourOf(service) })),
});

function waiting(consumers: readonly PanelOf[], names: Names, settings: Settings): Graph[] {
  if (consumers.length === 0) return [];
  const isKafka = settings.bus === 'kafka';
  const oldest: Graph = {
    title: isKafka ? 'Behind, by service' : 'Queues: the oldest event, by service',
    unit: isKafka ? 'events' : 'seconds',
    left: consumers.map((of) => behind(of, of.service, colourOf(of.service))),
  };
  const aside: Graph = {
    title: isKafka ? 'Parked, by service' : 'Dead letters and undelivered, by service',
    unit: 'events',
    left: consumers.map((of) => (isKafka ? parked(of) : deadLettersOf(of))),
    as: 'stack',
  };
  return [oldest, aside, ...(ownsCluster(settings) ? [disks(names, settings)] : [])];
}

const parked = ({ names, service }: PanelOf) => metricOf(names, service, 'Parked', { statistic: 'Sum', label: service, color: colourOf(service) });

const deadLettersOf = ({ names, service }: PanelOf) =>
  sumOf(
    service,
    ['dead-letters', 'undelivered'].map((queue) => queueMetric(names.resource(service, queue), 'ApproximateNumberOfMessagesVisible', { statistic: 'Maximum' })),
    { label: service, color: colourOf(service) },
  );

const disks = (names: Names, { kafkaBrokerCount }: Settings): Graph => ({
  title: 'Disks of the brokers',
  unit: 'percent',
  left: Array.from({ length: kafkaBrokerCount }, (_, index) =>
    clusterMetric(names.resource('bus'), 'KafkaDataLogsDiskUsed', { statistic: 'Maximum', label: `broker ${index + 1}` }, { 'Broker ID': String(index + 1) }),
  ),
  marks: [{ value: alarmKinds.disk.above, label: 'alarm', color: colours.failed }],
});

import { Dashboard, type IAlarm, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { bundleName, functionPartsOf } from '../bundles.ts';
import type { Names } from '../names.ts';
import type { Service } from '../services.ts';
import type { Settings } from '../settings.ts';
import { addAlarms, addSection, defaultInterval } from './graph.ts';
import { dashboardOf, overviewOf } from './names.ts';
import { panels, type PanelOf } from './panels.ts';
import { age, calls, deadLetters, duration, events, lag, queue, requests } from './standard.ts';
import { dashboardLink, head, logsLink, queriesLink, runbookLink } from './text.ts';

interface ServiceDashboardProps {
  readonly service: Service;
  readonly names: Names;
  readonly settings: Settings;
  /** The service's own; those of subscriptions are on the overview, because a new one changes nothing but itself. */
  readonly alarms: readonly IAlarm[];
  /** On Kafka: how far behind it is, in minutes, for each topic. */
  readonly minutesBehind: readonly IMetric[];
}

/** A service's own dashboard: its alarms, its events, what waits, what it is for, and its functions. */
export class ServiceDashboard extends Construct {
  constructor(scope: Construct, id: string, { service, names, settings, alarms, minutesBehind }: ServiceDashboardProps) {
    super(scope, id);
    const of: PanelOf = { names, settings, service: service.name };
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: dashboardOf(names, settings, service.name), defaultInterval });
    const parts = functionPartsOf(service);
    const logs = parts.map((part) => logsLink(this, `logs of ${part}`, `/aws/lambda/${names.resource(bundleName(service.name, part))}`));
    const links = [dashboardLink(this, 'overview', overviewOf(names)), runbookLink(settings), ...logs, queriesLink(this)];
    dashboard.addWidgets(head(service.name, `${service.name} ${service.purpose}.`, links));
    addAlarms(dashboard, 'Alarms', alarms);
    addSection(dashboard, 'What comes, and what becomes of it', [...(service.consumer || service.bridge ? [events(of), age(of)] : []), ...(service.api ? [requests(of)] : [])], 3);
    addSection(dashboard, 'What it is for', (service.panels ?? []).map((name) => panels[name](of)), 2);
    if (service.consumer) addSection(dashboard, 'What waits', settings.bus === 'kafka' ? [lag(minutesBehind)] : [queue(of), deadLetters(of)], 2);
    addSection(dashboard, 'Functions', parts.flatMap((part) => [calls(of, part), duration(of, part)]), 4);
  }
}

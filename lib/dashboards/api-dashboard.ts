import { Dashboard, type SearchExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { apiMetric } from '../aws-metrics.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import { colours } from './colours.ts';
import { addGraphs, defaultInterval, type Graph } from './graph.ts';
import { dashboardOf, overviewOf } from './names.ts';
import { searchExpression } from './search.ts';
import { dashboardLink, head, logsLink, queriesLink, runbookLink } from './text.ts';

interface ApiDashboardProps {
  readonly names: Names;
  readonly settings: Settings;
  readonly apiId: string;
  readonly accessLog: string;
}

/** The dashboard of the HTTP API. Its routes are found by what they are asked, so that a new service changes nothing here. */
export class ApiDashboard extends Construct {
  constructor(scope: Construct, id: string, { names, settings, apiId, accessLog }: ApiDashboardProps) {
    super(scope, id);
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: dashboardOf(names, settings, 'api'), defaultInterval });
    dashboard.addWidgets(
      head('HTTP API', 'What login servers, players and support ask, whichever service answers. It knows no X-Ray: traces begin at the functions.', [
        dashboardLink(this, 'overview', overviewOf(names)),
        runbookLink(settings),
        logsLink(this, 'access log', accessLog),
        queriesLink(this),
      ]),
    );
    addGraphs(dashboard, [answers(apiId), latency(apiId)], 2);
    const route = (metric: string, statistic: string) => byRoute(apiId, metric, statistic);
    addGraphs(
      dashboard,
      [
        { title: 'The ten busiest routes', unit: 'requests a minute', left: [route('Count', 'Sum')], as: 'stack' },
        { title: 'The ten slowest routes, p99', unit: 'milliseconds', left: [route('Latency', 'p99')] },
        { title: 'Refused (4xx), by route', unit: 'requests a minute', left: [route('4xx', 'Sum')], as: 'stack' },
        { title: 'Failed (5xx), by route', unit: 'requests a minute', left: [route('5xx', 'Sum')], as: 'stack' },
      ],
      2,
    );
  }
}

const answers = (apiId: string): Graph => {
  const metric = (name: string, label: string, color: string) => apiMetric(apiId, name, { statistic: 'Sum', label, color });
  return {
    title: 'Requests',
    unit: 'a minute',
    left: [metric('Count', 'requests', colours.in)],
    right: [metric('4xx', 'refused (4xx)', colours.waiting), metric('5xx', 'failed (5xx)', colours.failed)],
    rightUnit: 'refused and failed',
  };
};

const latency = (apiId: string): Graph => ({
  title: 'Until the answer',
  unit: 'milliseconds',
  left: (['p50', 'p99'] as const).map((statistic) => apiMetric(apiId, 'Latency', { statistic, label: statistic, color: colours[statistic] })),
});

/** The ten routes with most of a metric, which AWS measures by method and resource. */
const byRoute = (apiId: string, metric: string, statistic: string): SearchExpression =>
  searchExpression(
    `SORT(SEARCH('{AWS/ApiGateway,ApiId,Method,Resource,Stage} MetricName="${metric}" ApiId="${apiId}"', '${statistic}'), ${statistic === 'Sum' ? 'SUM' : 'MAX'}, DESC, 10)`,
    { label: "${PROP('Dim.Method')} ${PROP('Dim.Resource')}" },
  );

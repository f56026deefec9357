import { type Alarms, watchAlarms } from './alarms.ts';
import { type Clock, minute } from './clock.ts';
import { checkDashboard, type Dashboard, drawLines, type Line, linesOf } from './dashboard.ts';
import { readEmf } from './emf.ts';
import { logReader } from './log-reader.ts';
import { checkMeasured } from './measures.ts';
import { checkQueries } from './queries.ts';
import { statisticOf } from './statistics.ts';
import { keptMilliseconds, type MetricStore } from './store.ts';
import type { Monitoring } from './template.ts';
import type { CloudWatch, DrawnSeries, DrawnWidget, Widget } from './types.ts';

export interface CloudWatchParts {
  readonly monitoring: Monitoring;
  readonly store: MetricStore;
  readonly clock: Clock;
  /** The log files of the functions, whose metrics are in them. */
  readonly logFiles: readonly string[];
  /** Looks at what AWS looks at once a minute. */
  readonly look: () => void;
}

/** How often it looks on this machine at most, in milliseconds; within a minute the newest look counts. */
const lookMilliseconds = 5000;
const looksPerMinute = 4;

/**
 * Opens the local run's CloudWatch. Metrics of functions are read from their log files, those of earlier runs as well; what AWS measures
 * begins anew with each run.
 *
 * @throws for what of the templates' alarms and dashboards it does not know
 */
export function openCloudWatch({ monitoring, store, clock, logFiles, look }: CloudWatchParts): CloudWatch {
  check(monitoring);
  const readers = logFiles.map(logReader);
  const alarms = watchAlarms(monitoring, store, clock.now);
  const collect = (): void => {
    const oldest = clock.now() - keptMilliseconds;
    const take = (line: string): void => {
      for (const { metric, at, values, unit } of readEmf(line)) if (clock.at(at) >= oldest) store.add(metric, clock.at(at), values, unit);
    };
    for (const reader of readers) reader.read(take);
    look();
  };
  const refresh = (): void => {
    collect();
    store.forget(clock.now() - keptMilliseconds);
    alarms.evaluate();
  };
  const timer = setInterval(refresh, Math.min(lookMilliseconds, clock.minuteMilliseconds / looksPerMinute));
  refresh();
  return {
    put: (metric, values, unit) => store.add(metric, clock.now(), values, unit),
    set: (metric, value, unit) => store.set(metric, clock.now(), value, unit),
    listMetrics: () => {
      collect();
      return store.list();
    },
    statistic: (metric, statistic, minutes) => {
      const bucket = store.between(metric, clock.now() - minutes * minute, clock.now());
      return bucket && statisticOf(statistic)(bucket);
    },
    dashboards: monitoring.dashboards.map(({ name }) => name),
    draw: (name, minutes) => {
      const dashboard = monitoring.dashboards.find((each) => each.name === name);
      if (!dashboard) return undefined;
      refresh();
      return { name, widgets: dashboard.widgets.map((widget) => draw(widget, { store, alarms, now: clock.now(), minutes })) };
    },
    alarms: () => {
      refresh();
      return alarms.list();
    },
    onChange: (listener) => {
      alarms.listeners.add(listener);
      return () => alarms.listeners.delete(listener);
    },
    close: () => {
      clearInterval(timer);
      for (const reader of readers) reader.close();
    },
  };
}

function check({ alarms, dashboards }: Monitoring): void {
  for (const { name, queries } of alarms) {
    try {
      checkQueries(queries);
      checkMeasured(queries);
    } catch (error) {
      throw new Error(`Alarm ${name}: ${(error as Error).message}`, { cause: error });
    }
  }
  for (const dashboard of dashboards) checkDashboard(dashboard);
}

interface Drawing {
  readonly store: MetricStore;
  readonly alarms: Alarms;
  readonly now: number;
  readonly minutes: number;
}

function draw(widget: Widget, drawing: Drawing): DrawnWidget {
  const { properties } = widget;
  const annotations = properties['annotations'] as { readonly alarms?: readonly string[] } | undefined;
  const shown = widget.type === 'alarm' ? ((properties['alarms'] ?? []) as readonly string[]) : (annotations?.alarms ?? []);
  const lines = [...linesOf(widget), ...(widget.type === 'metric' ? shown.flatMap((alarm) => linesOfAlarm(alarm, drawing.alarms)) : [])];
  return { ...widget, series: seriesOf(lines, properties, drawing), alarms: shown.flatMap((alarm) => drawing.alarms.status(alarm) ?? []) };
}

/** Numbers and the like may be over the whole time that is shown. */
const seriesOf = (lines: readonly Line[], properties: Dashboard['widgets'][number]['properties'], { store, now, minutes }: Drawing): DrawnSeries[] =>
  drawLines(lines, store, now, minutes, properties['setPeriodToTimeRange'] === true);

/** What an alarm watches, for a widget that shows it. */
function linesOfAlarm(name: string, alarms: Alarms): Line[] {
  const { queries = [], watched } = alarms.definition(name) ?? {};
  return queries.map((query, index) => ({ query, isVisible: index === watched, yAxis: 'left', color: undefined }));
}

/** A metric of CloudWatch: namespace, name, and dimensions by name. */
export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** A value per period; periods without one are missing. */
export interface Series {
  readonly label: string;
  /** Start of the period in epoch milliseconds, ascending, and the value. */
  readonly points: readonly (readonly [at: number, value: number])[];
  readonly unit?: string | undefined;
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface AlarmStatus {
  readonly name: string;
  readonly state: AlarmState;
  /** Epoch milliseconds of the last change. */
  readonly since: number;
  /** Why, in CloudWatch's manner: which values crossed which threshold. */
  readonly reason: string;
  /** What the template says of it: what breaks for whom, severity, runbook. */
  readonly description: string;
}

/** A widget of a dashboard, as the template has it. */
export interface Widget {
  /** `metric`, `text`, `alarm` or `log` */
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The widget's properties, as the template has them. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A widget with the values that it shows. */
export interface DrawnWidget extends Widget {
  /** Of a metric widget; hidden ones are left out. */
  readonly series: readonly DrawnSeries[];
  /** Of an alarm widget, and of a metric widget that shows an alarm. */
  readonly alarms: readonly AlarmStatus[];
}

export type DrawnSeries = Series & { readonly yAxis: 'left' | 'right'; readonly color?: string | undefined };

export interface DrawnDashboard {
  readonly name: string;
  readonly widgets: readonly DrawnWidget[];
}

/** The local run's CloudWatch: metrics of functions and of AWS, the templates' dashboards and alarms over them. */
export interface CloudWatch {
  /** Adds values of a metric that AWS itself would measure, now. */
  put(metric: MetricId, values: readonly number[], unit?: string): void;
  /** Sets the one value of this minute of what AWS looks at once a minute, such as the depth of a queue. */
  set(metric: MetricId, value: number, unit?: string): void;
  /** Every metric of which there is a value. */
  listMetrics(): readonly MetricId[];
  /**
   * A statistic as CloudWatch names it (`Sum`, `Average`, `p99`) over all values of a metric in the last so many minutes; nothing when there is none.
   * Values count that were there when somebody last asked for the metrics, or for anything else here.
   */
  statistic(metric: MetricId, statistic: string, minutes: number): number | undefined;
  /** Names of the templates' dashboards, the overview first. */
  readonly dashboards: readonly string[];
  /** A dashboard with its values of the last so many minutes; nothing when there is none of that name. */
  draw(dashboard: string, minutes: number): DrawnDashboard | undefined;
  /** Every alarm of the templates, evaluated now. */
  alarms(): readonly AlarmStatus[];
  /** Told of every change of an alarm's state. @returns how to hear no more of it */
  onChange(listener: (alarm: AlarmStatus, before: AlarmState) => void): () => void;
  close(): void;
}

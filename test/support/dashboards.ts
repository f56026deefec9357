import type { Resource, Templates } from './templates.ts';

export interface Widget {
  readonly type: 'metric' | 'text' | 'alarm';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** CloudWatch's, by its type. */
  readonly properties: Resource['properties'];
}

export interface DashboardBody {
  readonly name: string;
  readonly text: string;
  readonly widgets: readonly Widget[];
}

/** A metric that a dashboard or an alarm asks for; a dimension is a text, or, for what only CloudFormation knows, the id that it refers to in `<>`. */
export interface Asked {
  readonly where: string;
  readonly namespace: string;
  readonly name: string;
  /** By name; `undefined` where a search takes any value. */
  readonly dimensions: Readonly<Record<string, string | undefined>>;
  readonly color?: string;
}

/** A text with what only CloudFormation knows as `<id>`. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: ref, 'Fn::GetAtt': att, 'Fn::Join': join } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, unknown[]] };
  if (join) return join[1].map(textOf).join(join[0]);
  return `<${ref ?? att?.[0]}>`;
}

/** The dashboards of the templates, as CloudWatch would get them. */
export const dashboardsOf = (templates: Templates): DashboardBody[] =>
  templates.of('AWS::CloudWatch::Dashboard').map(({ properties }) => {
    const body = textOf(properties.DashboardBody);
    return { name: properties.DashboardName, text: body, widgets: (JSON.parse(body) as { widgets: Widget[] }).widgets };
  });

interface Options {
  readonly expression?: string;
  readonly color?: string;
}

/** Every metric that the dashboards ask for, those in expressions and searches included. */
export const askedByDashboards = (templates: Templates): Asked[] =>
  dashboardsOf(templates).flatMap(({ name: dashboard, widgets }) =>
    widgets.flatMap(({ properties }) =>
      ((properties.metrics ?? []) as (string | Options)[][]).flatMap((row) => {
        const options = (row.at(-1) ?? {}) as Options;
        const where = `${dashboard}: ${properties.title}`;
        if (options.expression !== undefined) return searchedBy(options.expression).map((found) => ({ ...found, where }));
        const [namespace = '', name = '', ...pairs] = row.slice(0, -1) as string[];
        const dimensions = Object.fromEntries(pairs.flatMap((each, index) => (index % 2 === 0 ? [[each, pairs[index + 1]]] : [])));
        return [{ where, namespace, name, dimensions, ...(options.color !== undefined && { color: options.color }) }];
      }),
    ),
  );

function searchedBy(expression: string): Omit<Asked, 'where'>[] {
  return [...expression.matchAll(/SEARCH\('\{([^}]+)\} ([^']+)'/g)].map(([, schema = '', terms = '']) => {
    const [namespace = '', ...names] = schema.split(',');
    const values = new Map([...terms.matchAll(/(\w+)="([^"]+)"/g)].map(([, term, value]) => [term, value]));
    return { namespace, name: values.get('MetricName') ?? '', dimensions: Object.fromEntries(names.map((name) => [name, values.get(name)])) };
  });
}

interface MetricOfAlarm {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

/** Every metric that the alarms ask for. */
export const askedByAlarms = (templates: Templates): Asked[] =>
  templates.of('AWS::CloudWatch::Alarm').flatMap(({ properties }: Resource) => {
    const inMath = ((properties.Metrics ?? []) as { MetricStat?: { Metric: MetricOfAlarm } }[]).flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []));
    const all: readonly MetricOfAlarm[] = properties.MetricName === undefined ? inMath : [properties];
    return all.map(({ Namespace, MetricName, Dimensions = [] }) => ({
      where: properties.AlarmName,
      namespace: Namespace,
      name: MetricName,
      dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, textOf(Value)])),
    }));
  });

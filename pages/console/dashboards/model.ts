import type { DrawnWidget } from '../../../local/cloudwatch/types.ts';

/** The properties of a widget that are drawn, as a dashboard body has them. */
export interface WidgetProperties {
  readonly title?: string;
  /** Of a text widget. */
  readonly markdown?: string;
  readonly view?: 'timeSeries' | 'singleValue' | 'bar' | 'pie' | 'gauge' | 'table';
  readonly stacked?: boolean;
  readonly yAxis?: Readonly<Partial<Record<Side, AxisProperties>>>;
  readonly annotations?: { readonly horizontal?: readonly (Mark | readonly Mark[])[] };
}

export type Side = 'left' | 'right';

export interface AxisProperties {
  readonly label?: string;
  readonly min?: number;
  readonly max?: number;
  /** Whether values stand with their unit, as they do when nothing is said. */
  readonly showUnits?: boolean;
}

/** A line at a value that means something. */
export interface Mark {
  readonly value: number;
  readonly label?: string;
  readonly color?: string;
  readonly yAxis?: Side;
}

/** What a chart shows: the lines, and a value for each of them and each time. */
export interface ChartModel {
  readonly isStacked: boolean;
  readonly axes: Readonly<Partial<Record<Side, AxisProperties>>>;
  readonly marks: readonly Mark[];
  readonly lines: readonly ChartLine[];
  /** Epoch milliseconds, ascending. */
  readonly times: readonly number[];
  readonly from: number;
  readonly to: number;
}

export interface ChartLine {
  readonly label: string;
  readonly side: Side;
  /** As the dashboard says. */
  readonly colour: string | undefined;
  readonly unit: string | undefined;
  /** One for each time. */
  readonly values: readonly (number | null)[];
}

export const propertiesOf = ({ properties }: DrawnWidget): WidgetProperties => properties;

/** A label that says the unit already. */
const namesUnit = /\b(seconds|milliseconds|minutes|days|percent|bytes)\b/;

/** Brings the series of a widget onto the same times. */
export function modelOf(widget: DrawnWidget, from: number, to: number): ChartModel {
  const { stacked = false, yAxis = {}, annotations } = propertiesOf(widget);
  const times = [...new Set(widget.series.flatMap(({ points }) => points.map(([at]) => at)))].toSorted((a, b) => a - b);
  return {
    isStacked: stacked,
    axes: yAxis,
    marks: (annotations?.horizontal ?? []).flat(),
    lines: widget.series.map(({ label, yAxis: side, color: colour, unit, points }) => {
      const byTime = new Map(points);
      const saysUnit = yAxis[side]?.showUnits === false || namesUnit.test(label);
      return { label, side, colour, unit: saysUnit ? undefined : unit, values: times.map((at) => byTime.get(at) ?? null) };
    }),
    times,
    from,
    to,
  };
}

/** Each line on top of those before it on the same side; where it has no value it adds nothing, and one without any is not drawn. */
export function stackedValues(lines: readonly ChartLine[]): (number | null)[][] {
  const sums: Partial<Record<Side, number[]>> = {};
  return lines.map(({ side, values }) => {
    if (values.every((value) => value === null)) return [...values];
    const below = (sums[side] ??= values.map(() => 0));
    return values.map((value, index) => (below[index] = (below[index] ?? 0) + (value ?? 0)));
  });
}

/** The last value of a line, and when it was. */
export function latest({ values }: ChartLine, times: readonly number[]): { readonly value: number; readonly at: number } | undefined {
  const index = values.findLastIndex((value) => value !== null);
  const value = values[index];
  return value === null || value === undefined ? undefined : { value, at: times[index] ?? 0 };
}

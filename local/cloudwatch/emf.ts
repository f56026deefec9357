import type { MetricId } from './types.ts';

/** Values of a metric out of a log line. */
export interface LoggedValues {
  readonly metric: MetricId;
  /** Epoch milliseconds of the machine. */
  readonly at: number;
  readonly values: readonly number[];
  readonly unit: string | undefined;
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
}

/**
 * The values in a log line of CloudWatch's embedded metric format; none in any other line. A line holds several metrics, each in several sets of
 * dimensions, each of which is a metric of its own.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function readEmf(line: string): LoggedValues[] {
  if (!line.includes('"_aws"')) return [];
  const root = parse(line);
  const { Timestamp: at, CloudWatchMetrics: directives } = (root?.['_aws'] ?? {}) as { Timestamp?: number; CloudWatchMetrics?: readonly Directive[] };
  if (!root || at === undefined || !Array.isArray(directives)) return [];
  return (directives as readonly Directive[]).flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name: name, Unit: unit }) => {
      const values = [root[name]].flat().filter((value) => typeof value === 'number');
      if (values.length === 0) return [];
      return Dimensions.map((set): LoggedValues => {
        const dimensions = Object.fromEntries(set.map((dimension) => [dimension, String(root[dimension])]));
        return { metric: { namespace, name, dimensions }, at, values, unit };
      });
    }),
  );
}

/** A process that is killed leaves half a line. */
function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

import { map, type TimeSeries } from '../series.ts';

/** What an expression may come to on its way: a number, a series, or a list of series. */
export type Value = number | TimeSeries | readonly TimeSeries[];

export const isList = (value: Value): value is readonly TimeSeries[] => Array.isArray(value);

type Operation = (left: number, right: number) => number;
const truth = (value: boolean): number => (value ? 1 : 0);

const operations: Readonly<Record<string, Operation>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  // What is divided by zero is dropped, as every value that is no number.
  '/': (left, right) => (right === 0 ? Number.NaN : left / right),
  '^': (left, right) => left ** right,
  '==': (left, right) => truth(left === right),
  '!=': (left, right) => truth(left !== right),
  '<': (left, right) => truth(left < right),
  '>': (left, right) => truth(left > right),
  '<=': (left, right) => truth(left <= right),
  '>=': (left, right) => truth(left >= right),
  AND: (left, right) => truth(left !== 0 && right !== 0),
  OR: (left, right) => truth(left !== 0 || right !== 0),
};

/**
 * Arithmetic, comparison and logic. Where one of two series has no value it counts as 0; where neither has one, there is none.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-operators
 */
export function binary(operator: string, left: Value, right: Value): Value {
  const operation = operations[{ '&&': 'AND', '||': 'OR' }[operator] ?? operator];
  if (!operation) throw new Error(`The local run's CloudWatch does not know the operator ${operator}.`);
  return apply(operation, left, right);
}

export const negate = (value: Value): Value => apply((left, right) => left * right, value, -1);

function apply(operation: Operation, left: Value, right: Value): Value {
  if (isList(left) && isList(right)) throw new Error('CloudWatch has no operator between two lists of series.');
  if (isList(left)) return left.map((each) => apply(operation, each, right) as TimeSeries);
  if (isList(right)) return right.map((each) => apply(operation, left, each) as TimeSeries);
  if (typeof left === 'number' && typeof right === 'number') return operation(left, right);
  if (typeof right === 'number') return map(unitless(left as TimeSeries), (value) => operation(value, right));
  if (typeof left === 'number') return map(unitless(right), (value) => operation(left, value));
  return both(left, right, (a, b) => (a === undefined && b === undefined ? undefined : operation(a ?? 0, b ?? 0)));
}

/** Seconds divided by a number are seconds no more, and CloudWatch does not try to tell. */
const unitless = (series: TimeSeries): TimeSeries => ({ ...series, unit: undefined });

/** A series made of two, period by period. @throws when their periods differ */
export function both(left: TimeSeries, right: TimeSeries, of: (left: number | undefined, right: number | undefined) => number | undefined): TimeSeries {
  if (left.grid.period !== right.grid.period) throw new Error(`${left.label} and ${right.label} are in one expression, and have different periods.`);
  const values = left.values.map((value, index) => {
    const result = of(value, right.values[index]);
    return Number.isFinite(result) ? result : undefined;
  });
  return { grid: left.grid, label: left.label, values };
}

import type { Grid, TimeSeries } from '../series.ts';
import { functions, type Parameter } from './functions.ts';
import { binary, negate, type Value } from './operators.ts';
import { callsOf, type Node } from './parse.ts';

/** What an expression may refer to. */
export interface Scope {
  /** The periods of series that no metric gives. */
  readonly grid: Grid;
  /** A metric or another expression, by its id; nothing when there is none. */
  valueOf(id: string): Value | undefined;
  /** All metrics, or those whose id holds a text; no expressions. */
  metrics(within: string): readonly TimeSeries[];
  search(expression: string, statistic: string, periodSeconds: number | undefined): readonly TimeSeries[];
}

const ofScope = new Set(['METRICS', 'SEARCH']);
const words = new Set(['AVG', 'MIN', 'MAX', 'SUM', 'ASC', 'DESC', 'REPEAT', 'LINEAR']);

/** Refuses by name what the local run does not know, before it is evaluated. */
export function checkFunctions(node: Node): void {
  const unknown = callsOf(node).find((name) => !(name in functions || ofScope.has(name)));
  if (unknown !== undefined) throw new Error(`The local run's CloudWatch does not know the function ${unknown}.`);
}

/** Evaluates an expression of metric math. */
export function evaluate(node: Node, scope: Scope): Value {
  const value = parameterOf(node, scope);
  if (typeof value === 'object' && 'word' in value) throw new Error(`${value.word} is neither a metric nor an expression.`);
  return value;
}

function parameterOf(node: Node, scope: Scope): Parameter {
  switch (node.kind) {
    case 'literal':
      if (typeof node.value === 'number') return node.value;
      throw new Error(`The text ${node.value} stands where a metric is expected.`);
    case 'name': {
      const value = scope.valueOf(node.name);
      if (value === undefined && !words.has(node.name)) throw new Error(`There is no metric or expression with the id ${node.name}.`);
      return value ?? { word: node.name };
    }
    case 'list':
      return node.items.flatMap((item) => evaluate(item, scope) as TimeSeries | readonly TimeSeries[]);
    case 'unary':
      if (node.operator !== '-') throw new Error(`The local run's CloudWatch does not know the operator ${node.operator}.`);
      return negate(evaluate(node.operand, scope));
    case 'binary':
      return binary(node.operator, evaluate(node.left, scope), evaluate(node.right, scope));
    default:
      return call(node, scope);
  }
}

function call(node: Node & { kind: 'call' }, scope: Scope): Value {
  const literal = (index: number): string | number | undefined => {
    const parameter = node.parameters[index];
    return parameter?.kind === 'literal' ? parameter.value : undefined;
  };
  if (node.name === 'METRICS') return scope.metrics(String(literal(0) ?? ''));
  if (node.name === 'SEARCH') return scope.search(String(literal(0)), String(literal(1)), literal(2) as number | undefined);
  checkFunctions(node);
  return functions[node.name]?.(node.parameters.map((parameter) => parameterOf(parameter, scope)), scope.grid) ?? [];
}

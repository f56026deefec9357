import { keyOf } from '../store.ts';
import type { MetricId } from '../types.ts';

type Test = (metric: MetricId) => boolean;

/**
 * What a search expression finds: `{Loginward,env,service} MetricName="Received" NOT service="publisher"`
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html). The schema in braces is a namespace with exactly
 * the dimensions that a metric has. Terms stand in double quotes, which makes them exact.
 *
 * @throws for terms without quotes: they match parts of names, which the local run does not know
 */
export function readSearch(expression: string): Test {
  const [, schema, terms = ''] = /^\s*(?:\{([^}]*)\},?)?(.*)$/s.exec(expression) ?? [];
  const tests = [...(schema === undefined ? [] : [ofSchema(schema)]), ...(terms.trim() === '' ? [] : [ofTerms(terms)])];
  if (tests.length === 0) throw new Error('A search needs a schema or a term.');
  return (metric) => tests.every((test) => test(metric));
}

/** Searches in an order that does not change. */
export const search = (expression: string, metrics: readonly MetricId[]): MetricId[] =>
  metrics.filter(readSearch(expression)).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

function ofSchema(schema: string): Test {
  const [namespace, ...dimensions] = schema.split(',').map((name) => name.trim().replaceAll(/^"|"$/g, ''));
  const wanted = new Set(dimensions);
  return (metric) => {
    const names = new Set(Object.keys(metric.dimensions));
    return metric.namespace === namespace && names.size === wanted.size && names.isSubsetOf(wanted);
  };
}

const token = /\s*(?:"((?:[^"\\]|\\.)*)"|([()=])|([^\s()="]+))/y;

/** Terms with AND, OR and NOT; those beside each other are joined by AND. */
function ofTerms(text: string): Test {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = () => tokens[at];
  const take = () => tokens[at++];
  const expectText = (): string => {
    const taken = take();
    if (taken?.kind === 'text') return taken.text;
    throw new Error(`A term of a search stands in double quotes: ${taken?.text ?? 'there is none'} in ${text}.`);
  };
  const any = (): Test => {
    let test = every();
    while (peek()?.text === 'OR' && take()) {
      const [left, right] = [test, every()];
      test = (metric) => left(metric) || right(metric);
    }
    return test;
  };
  const every = (): Test => {
    let test = one();
    for (let next = peek(); next && !(next.kind !== 'text' && (next.text === ')' || next.text === 'OR')); next = peek()) {
      if (next.kind === 'word' && next.text === 'AND') take();
      const [left, right] = [test, one()];
      test = (metric) => left(metric) && right(metric);
    }
    return test;
  };
  const group = <T>(inside: () => T): T => {
    take();
    const result = inside();
    if (take()?.text !== ')') throw new Error(`A bracket is open in the search ${text}.`);
    return result;
  };
  const one = (): Test => {
    const next = peek();
    if (next?.kind === 'word' && next.text === 'NOT') {
      take();
      const test = one();
      return (metric) => !test(metric);
    }
    if (next?.kind === 'sign' && next.text === '(') return group(any);
    if (tokens[at + 1]?.text === '=') return property();
    const wanted = expectText();
    return ({ namespace, name, dimensions }) => [namespace, name, ...Object.keys(dimensions), ...Object.values(dimensions)].includes(wanted);
  };
  const property = (): Test => {
    const name = take()?.text ?? '';
    take();
    const values = peek()?.text === '(' ? group(alternatives) : [expectText()];
    if (name.startsWith(':')) throw new Error(`The local run's CloudWatch does not know ${name} in a search.`);
    return (metric) => values.includes((name === 'MetricName' ? metric.name : name === 'Namespace' ? metric.namespace : metric.dimensions[name]) ?? '');
  };
  const alternatives = (): string[] => {
    const values = [expectText()];
    while (peek()?.text === 'OR' && take()) values.push(expectText());
    return values;
  };
  const test = any();
  if (peek()) throw new Error(`The search ${text} cannot be read from ${peek()?.text} on.`);
  return test;
}

interface Token {
  readonly kind: 'text' | 'sign' | 'word';
  readonly text: string;
}

function tokensOf(text: string): Token[] {
  const all: Token[] = [];
  token.lastIndex = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [, quoted, sign, word] = match;
    if (quoted !== undefined) all.push({ kind: 'text', text: quoted.replaceAll(/\\(.)/g, '$1') });
    else if (sign !== undefined) all.push({ kind: 'sign', text: sign });
    // Commas may stand between terms, and mean nothing.
    else if (word !== undefined && word !== ',') all.push({ kind: 'word', text: word.replace(/,$/, '') });
  }
  return all;
}

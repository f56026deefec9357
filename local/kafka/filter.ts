/** A filter pattern of an event source mapping: names lead to patterns, and in the end to a list of exact values. */
export interface Pattern {
  readonly [name: string]: Pattern | readonly Exact[];
}
type Exact = string | number | boolean | null;

/** Reads a pattern. @throws for an operator that the local run does not know, such as `prefix` */
export function readPattern(text: string): Pattern {
  const check = (pattern: unknown): void => {
    if (Array.isArray(pattern)) {
      if (pattern.some((value) => typeof value === 'object' && value !== null)) throw new Error(`The local run only knows filters of exact values, not ${text}.`);
    } else if (typeof pattern === 'object' && pattern !== null) {
      for (const part of Object.values(pattern)) check(part);
    } else {
      throw new TypeError(`A filter ends in lists of values, other than ${text}.`);
    }
  };
  const pattern = JSON.parse(text) as Pattern;
  check(pattern);
  if (Object.keys(pattern).join() !== 'value') throw new Error(`The local run only filters by a record's value, not ${text}.`);
  return pattern;
}

/** Whether one of the patterns lets a record through, by its value. With filters, a value that is no JSON passes none, as on AWS. */
export function passes(patterns: readonly Pattern[], value: Buffer | null): boolean {
  if (patterns.length === 0) return true;
  let json: unknown;
  try {
    json = JSON.parse(value?.toString() ?? '');
  } catch {
    return false;
  }
  return patterns.some((pattern) => matches(pattern, { value: json }));
}

/** A list of values in the record matches when one of them does. */
function matches(pattern: Pattern | readonly Exact[], value: unknown): boolean {
  if (Array.isArray(pattern)) return (Array.isArray(value) ? value : [value]).some((each) => pattern.includes(each as Exact));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(pattern).every(([name, part]) => matches(part, (value as Record<string, unknown>)[name]));
}

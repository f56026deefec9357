import { tableOf } from '../bin/table.ts';

/** What was promised of a figure, and what it came to. */
export interface Promised {
  /** `billed requests of a login from home` */
  readonly what: string;
  /** `at most 3.5` */
  readonly limit: string;
  readonly measured: string;
  readonly isKept: boolean;
}

/** One table of a benchmark. */
export interface Section {
  readonly title: string;
  /** What was measured, and how: sentences in markdown. */
  readonly text: string;
  readonly columns: readonly string[];
  /** Cells by row, as they are shown. */
  readonly rows: readonly (readonly string[])[];
  readonly promises: readonly Promised[];
}

/** What `npm run bench` measures, in a process of its own. */
export interface Benchmark {
  /** By which `--only` names it. */
  readonly name: string;
  /** One line for `--help`. */
  readonly about: string;
  /** What it needs beside Node; such a benchmark runs only when it is named. */
  readonly needs?: string;
  run(tools: Tools): Promise<readonly Section[]>;
}

export interface Tools {
  /** Tells what is being done. */
  readonly progress: (what: string) => void;
}

/** What `npm run bench` writes, from the root of the project. */
export const benchmarkPage = 'docs/benchmark.md';

const verdict = ({ isKept }: Promised): string => (isKept ? 'kept' : 'not kept');
const promiseColumns = ['promise', 'limit', 'measured', ''];
const promiseRow = (each: Promised): string[] => [each.what, each.limit, each.measured, verdict(each)];

/** A section for a terminal. */
export function textOf({ title, text, columns, rows, promises }: Section): string {
  const tables = [tableOf(columns, rows), ...(promises.length > 0 ? [tableOf(promiseColumns, promises.map(promiseRow))] : [])];
  return `${[title, text, ...tables.map((lines) => lines.join('\n'))].join('\n\n')}\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const isFigure = (text: string): boolean => /^[<$]*[\d.,]+( ?[%×]| \w+)?$|^$/.test(text);

/** A table of markdown. Columns of figures end at the right. */
function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const rule = columns.map((_, column) => (rows.length > 0 && rows.every((row) => isFigure(row[column] ?? '')) ? '---:' : '---'));
  return [line(columns), line(rule), ...rows.map(line)].join('\n');
}

/**
 * The page of a whole run.
 *
 * @param circumstances where and of what it was measured, each a name and its value
 */
export function pageOf(sections: readonly Section[], circumstances: readonly (readonly [string, string])[]): string {
  const promises = sections.flatMap((section) => section.promises);
  const told = sections.map(({ title, text, columns, rows }) => `## ${title}\n\n${text}\n\n${markdownTable(columns, rows)}\n`);
  return `# The figures

Written by \`npm run bench\`, which measures all of it again; [decision 0019](decisions/0019-numbers.md) says how. What counts are ratios of two things measured in one run, and counts. Seconds
are this machine's.

${markdownTable(promiseColumns, promises.map(promiseRow))}

${told.join('\n')}
## Measured on

${markdownTable(['', ''], circumstances)}
`;
}

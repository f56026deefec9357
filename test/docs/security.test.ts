import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const page = read('SECURITY.md');
const kinds = ['Spoofing', 'Tampering', 'Repudiation', 'Information disclosure', 'Denial of service', 'Elevation of privilege'];

/** The flows, each with the rows of its table as cells. */
const flows = [...page.matchAll(/^## (\d+\. .*)\n([\s\S]*?)(?=^## )/gm)].map(([, name = '', section = '']) => ({
  name,
  rows: [...section.matchAll(/^\| (.*) \|$/gm)].map(([, row = '']) => row.split(' | ')).filter(([kind = '']) => kinds.includes(kind)),
}));

/** The tests that are named in a cell: file and title. */
const testsOf = (cell: string) => cell.split('<br>').map((each) => /^`(test\/[\w./-]+\.ts)` › (.+)$/.exec(each)?.slice(1) as [string, string] | undefined);

/** A title as it stands in a test, whatever quotes are around it. */
const titled = (source: string, title: string): boolean => ["'", '"', '`'].some((quote) => source.includes(`${quote}${title.replaceAll(quote, `\\${quote}`)}${quote}`));

describe('SECURITY.md', () => {
  it('has the six kinds of threat for each flow of data, in their order, each with what holds it', () => {
    expect(flows.map(({ name }) => Number.parseInt(name, 10))).toEqual(Array.from({ length: flows.length }, (_, index) => index + 1));
    expect(flows.length).toBeGreaterThan(10);
    for (const { name, rows } of flows) {
      expect(rows.map(([kind]) => kind), name).toEqual(kinds);
      for (const row of rows) {
        expect(row, `${name} ${row[0]}`).toHaveLength(4);
        for (const cell of row) expect(cell.length, `${name} ${row[0]}`).toBeGreaterThan(5);
      }
    }
  });

  it.each(flows)('names for each threat of $name a test that there is', ({ rows }) => {
    for (const [kind, , , cell = ''] of rows) {
      for (const named of testsOf(cell)) {
        expect(named, `${kind}: ${cell}`).toBeDefined();
        const [file = '', title = ''] = named ?? [];
        expect(existsSync(join(root, file)), file).toBe(true);
        expect(titled(read(file), title), `${file} › ${title}`).toBe(true);
      }
    }
  });

  it('tells each risk that is left which a flow names, and no number twice', () => {
    const told = [...page.matchAll(/^- \*\*(R\d+)\./gm)].map(([, number]) => number);
    expect(told).toEqual(Array.from({ length: told.length }, (_, index) => `R${index + 1}`));
    for (const { rows } of flows) for (const [, , holds = ''] of rows) for (const [number] of holds.matchAll(/\bR\d+\b/g)) expect(told).toContain(number);
  });

  it('leads to files that are there', () => {
    for (const [, target = ''] of page.matchAll(/\]\((?!https:|#)([^)#]+)/g)) expect(existsSync(join(root, target)), target).toBe(true);
  });
});

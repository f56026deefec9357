import { describe, expect, it } from 'vitest';
import { pageOf, type Promised, type Section, textOf } from '../../bench/report.ts';

const promised = (what: string, isKept: boolean): Promised => ({ what, limit: 'at most 1', measured: '2', isKept });
const section = (title: string, promises: readonly Promised[]): Section => ({ title, text: 'As told.', columns: ['what', 'a | b'], rows: [['all', '1.5']], promises });

describe('the page of the figures', () => {
  const page = pageOf([section('First', [promised('small', true)]), section('Second', [promised('quick', false)])], [['commit', 'abc']]);

  it('has all promises on top, each kept or not', () => {
    const [top = ''] = page.split('## First');
    expect(top).toContain('| small | at most 1 | 2 | kept |');
    expect(top).toContain('| quick | at most 1 | 2 | not kept |');
  });

  it('has each section, and on what it was measured', () => {
    expect(page.indexOf('## First')).toBeLessThan(page.indexOf('## Second'));
    expect(page).toContain('| all | 1.5 |');
    expect(page).toContain('| commit | abc |');
  });

  it('keeps a bar in a cell from being the end of it', () => {
    expect(page).toContain('| what | a \\| b |');
  });

  it('tells a promise that is not kept on the terminal, too', () => {
    expect(textOf(section('Second', [promised('quick', false)]))).toMatch(/quick .* not kept/);
  });
});

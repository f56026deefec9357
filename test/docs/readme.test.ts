import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const readmes = { en: read('README.md'), ko: read('README.ko.md') };

/** The lines outside of code blocks. */
const prose = (markdown: string): string => markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');

/** How deep each heading is, in their order. */
const headings = (markdown: string): number[] => [...prose(markdown).matchAll(/^(#+) /gm)].map(([, hashes = '']) => hashes.length);

/** Code blocks by language, without their comments, which are for readers. */
const blocks = (markdown: string): string[] =>
  [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => `${language}\n${code.replaceAll(/ +# .*$/gm, '')}`);

/** Everything in backticks, each once: commands, paths, names. */
const codes = (markdown: string): string[] => [...new Set([...prose(markdown).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code))].toSorted();

/** Where links and images lead, but for the README in the other language. */
const targets = (markdown: string): string[] =>
  [...markdown.matchAll(/\]\(([^)]+)\)|<(https?:[^>]+)>/g)]
    .map(([, link, bare]) => link ?? bare ?? '')
    // A heading is called otherwise in the other language; its place is asserted below.
    .filter((target) => !target.startsWith('#') && !/^README(\.ko)?\.md$/.test(target))
    .toSorted();

/** The anchor that GitHub gives to a heading. */
const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');

describe('README.ko.md is the README in Korean', () => {
  it('has the same headings in the same order', () => {
    expect(headings(readmes.ko)).toEqual(headings(readmes.en));
  });

  it('has the same code blocks: what one types, and what comes back', () => {
    expect(blocks(readmes.ko)).toEqual(blocks(readmes.en));
  });

  it('names the same commands, paths and words of the interface', () => {
    expect(codes(readmes.ko)).toEqual(codes(readmes.en));
  });

  it('tells the same amounts of money', () => {
    const amounts = (markdown: string) => [...markdown.matchAll(/\$[\d.,]*\d/g)].map(([amount]) => amount).toSorted();
    expect(amounts(readmes.ko)).toEqual(amounts(readmes.en));
  });

  it('leads to the same places, in the player\'s language where a picture has one', () => {
    const inEnglish = (target: string) => target.replace(/-ko(\.png)$/, '$1');
    expect(targets(readmes.ko).map(inEnglish).toSorted()).toEqual(targets(readmes.en).map(inEnglish).toSorted());
  });

  it('links each to the other', () => {
    expect(readmes.en).toContain('](README.ko.md)');
    expect(readmes.ko).toContain('](README.md)');
  });
});

describe.each(Object.entries(readmes))('the README (%s)', (_, markdown) => {
  it('leads to files that are there, and to headings of its own', () => {
    const anchors = [...prose(markdown).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
    for (const [, target = ''] of markdown.matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      if (target.startsWith('#')) expect(anchors).toContain(target.slice(1));
      else expect(existsSync(join(root, target.replace(/#.*$/, ''))), target).toBe(true);
    }
  });

  it('names no command that package.json does not have', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...markdown.matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)].map(([, run, short]) => run ?? short);
    expect(named).not.toEqual([]);
    for (const name of named) expect(Object.keys(scripts), name).toContain(name);
  });
});

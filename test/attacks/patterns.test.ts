import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { endsWithin } from '../../lambdas/contracts/bounded.ts';
import { documents } from '../../scripts/contracts/documents.ts';

const root = join(import.meta.dirname, '..', '..');

/** A regular expression as it stands in a source: behind what an expression begins behind. */
const literal = /(?<=[=(,:!&|?[{};]\s*|=>\s*|return )\/(?![*/])((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;

/** Every regular expression of the functions, by itself, and where it stands. */
function ofSources(): Map<string, RegExp> {
  const files = readdirSync(join(root, 'lambdas'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return new Map(
    files.flatMap((file) =>
      [...readFileSync(join(root, 'lambdas', file), 'utf8').matchAll(literal)].map(([text, source = '', flags]): [string, RegExp] => [`${file} ${text}`, new RegExp(source, flags)]),
    ),
  );
}

/** Every `pattern` of the published schemas: also those that zod brings, of times, addresses and ids. */
function ofSchemas(): Map<string, RegExp> {
  const found = [...documents().values()].flatMap((text) => [...text.matchAll(/"pattern": ("(?:[^"\\]|\\.)*")/g)].map(([, pattern = '']) => JSON.parse(pattern) as string));
  return new Map([...new Set(found)].map((pattern) => [pattern, new RegExp(pattern, 'u')]));
}

const long = 50_000;
/** Linear takes a millisecond; of each character with each other, seconds. */
const mostMilliseconds = 300;

/** Characters that a pattern may speak of: those in it, and one of each kind. */
const alphabetOf = ({ source }: RegExp): string[] => [
  ...new Set([...Array.from(source.replaceAll(/\\[a-zA-Z]|[\\^$*+?(){}|]/g, '')), 'a', 'A', '0', ' ', '-', '_', '.', ',', ':', '@', '\n', '\u00e9']),
];

/** Texts that make it try: something repeated that may match, and in the end does not. */
function* tryingTexts(pattern: RegExp): Generator<string> {
  const alphabet = alphabetOf(pattern);
  const pumps = [...alphabet, ...alphabet.slice(0, 12).flatMap((one) => alphabet.slice(0, 12).map((other) => `${one}${other}`))];
  for (const pump of pumps) for (const end of ['', '\u0000']) yield pump.repeat(long / pump.length) + end;
}

/** A text that it takes too long over; nothing when there is none. */
function slowText(pattern: RegExp): string | undefined {
  const all = new RegExp(pattern.source, [...new Set(`${pattern.flags}g`)].join(''));
  // A busy machine may hold up one measurement; what is slow by itself is slow in each.
  const isSlow = (text: string): boolean => [1, 2, 3].every(() => !endsWithin(mostMilliseconds, () => text.replace(all, '')));
  return tryingTexts(pattern).find(isSlow)?.slice(0, 8);
}

describe('a regular expression takes no longer than its text is long', () => {
  it('finds the ones that do', () => {
    for (const bad of [/^(a+)+$/, /^(\w+\s?)*$/, /\s+$/, /^.*,.*,.*;$/]) expect(slowText(bad), String(bad)).toBeDefined();
    expect(ofSources().size).toBeGreaterThan(30);
    expect(ofSchemas().size).toBeGreaterThan(10);
  });

  it.each([...ofSources(), ...ofSchemas()])('%s', (_, pattern) => {
    expect(slowText(pattern)).toBeUndefined();
  });
});

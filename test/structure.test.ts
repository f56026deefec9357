import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isOwnSource } from '../lambdas/contracts/names.ts';
import { partsOf } from '../lib/bundles.ts';
import { services } from '../lib/services.ts';

const root = join(import.meta.dirname, '..');

/** Every source file of a folder, by its path from the root. */
const filesOf = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));

/** What a file imports: packages by name, files by their path from the root. */
function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8');
  return [...source.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'|import\('([^']+)'\)/gm)].map(([, of, dynamic]) => {
    const name = of ?? dynamic ?? '';
    return name.startsWith('.') ? normalize(join(dirname(file), name)) : name;
  });
}

const room = (path: string): string => path.split('/').slice(0, 2).join('/');

describe('rooms: who may use what', () => {
  it('contracts use nothing of ours, and no AWS', () => {
    for (const file of filesOf('lambdas/contracts')) {
      for (const name of importsOf(file)) {
        if (name.startsWith('lambdas/')) expect(room(name), file).toBe('lambdas/contracts');
        expect(name, file).not.toMatch(/^(@aws|lib\/|local\/)/);
      }
    }
  });

  it('a service uses contracts, runtime and itself: no service knows another', () => {
    for (const file of filesOf('lambdas')) {
      const own = room(file);
      const allowed = own === 'lambdas/contracts' ? [own] : ['lambdas/contracts', 'lambdas/runtime', own];
      for (const name of importsOf(file)) {
        if (name.startsWith('lambdas/')) expect(allowed, `${file} imports ${name}`).toContain(room(name));
        expect(name, file).not.toMatch(/^(lib|local|test|bench)\//);
      }
    }
  });

  it('a handler knows no AWS SDK, no environment and no clock of its own', () => {
    for (const { name } of services) {
      const file = `lambdas/${name}/handler.ts`;
      expect(importsOf(file).filter((each) => /^(@aws-sdk|node:(fs|net|http|https))/.test(each)), file).toEqual([]);
      expect(readFileSync(join(root, file), 'utf8'), file).not.toMatch(/process\.|Date\.now\(\)|new Date\(\)|Math\.random/);
    }
  });

  it('nothing connects or reads at import: every entry hands over a function', () => {
    for (const service of services) {
      for (const part of partsOf(service)) {
        expect(readFileSync(join(root, `lambdas/${service.name}/${part}.ts`), 'utf8')).toMatch(/^export const handler = (consumer|http|schedule|bridge)Function[<(]/m);
      }
    }
  });

  it('a page uses, of what is not a page, types alone: nothing of the server is in what browsers load', () => {
    const sources = readdirSync(join(root, 'pages'), { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
    for (const file of sources.map((each) => join('pages', each))) {
      const source = readFileSync(join(root, file), 'utf8');
      for (const [, kind, name = ''] of source.matchAll(/^(?:import|export)\b( type)?[^;]*? from '(\.[^']+)'/gm)) {
        if (!normalize(join(dirname(file), name)).startsWith('pages/')) expect(kind, `${file} imports ${name}`).toBe(' type');
      }
    }
  });

  it('what a service emits nobody else may post: each is an own source', () => {
    for (const { name } of services) expect(isOwnSource(name), name).toBe(true);
  });

  it('a service has a folder, and a folder of tests of the same name', () => {
    const tests = readdirSync(join(root, 'test'));
    for (const { name } of services) expect(tests, name).toContain(name);
  });
});

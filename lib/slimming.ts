import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** Leaves out of packages what no function uses, but esbuild cannot know so. Every kB of a bundle is about 50 µs of a cold start. */
export const slimming: Plugin = {
  name: 'slimming',
  setup: ({ onLoad, onResolve }) => {
    // Node's own modules do nothing but define: those of which nothing is used need not be loaded.
    onResolve({ filter: /^node:/ }, ({ kind, path }) => (kind === 'import-statement' ? { path, external: true, sideEffects: false } : undefined));
    // Of each country's codes only the first, alpha-2, is used.
    onLoad({ filter: /[\\/]i18n-iso-countries[\\/]codes\.json$/ }, async ({ path }) => {
      const codes = JSON.parse(await readFile(path, 'utf8')) as string[][];
      return { contents: JSON.stringify(codes.map((each) => each.slice(0, 1))), loader: 'json' };
    });
    // Clients tell AWS their version, and of their own package.json nothing else.
    onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
    onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: withPlainKeys(await readFile(path, 'utf8')),
      loader: 'js',
    }));
    // Lambda has no files of AWS's configuration: credentials and Region are in the environment. What would look for them brings `node:fs/promises`, which takes milliseconds to load.
    onLoad({ filter: /[\\/]shared-ini-file-loader[\\/]readFile\.js$/ }, () => ({ contents: noFile, loader: 'js' }));
    // It makes sure of one argument by it, and Node's own brings all that compares objects and colours the difference.
    onResolve({ filter: /^assert$/ }, ({ importer }) => (/[\\/]maxmind[\\/]lib[\\/]/.test(importer) ? { path: 'assert', namespace: 'slimming' } : undefined));
    onLoad({ filter: /^assert$/, namespace: 'slimming' }, () => ({ contents: 'module.exports = (value, message) => { if (!value) throw new Error(message); };', loader: 'js' }));
  },
};

/** Answers as where there is no such file. */
const noFile = `
  export const filePromises = {};
  export const fileIntercept = {};
  export const readFile = (path) => Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' }));
`;

/**
 * A client's schemas with `http:` in place of `[_h]:` wherever `const _h = "http"`. A computed key may have an effect for all that esbuild knows, so it would keep the schemas of every
 * command of the service.
 */
export function withPlainKeys(source: string): string {
  const texts = new Map([...source.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name = '', text = '']) => [name, text]));
  return source.replaceAll(/\[(_\w+)\]:/g, (key, name: string) => (texts.has(name) ? `${texts.get(name)}:` : key));
}

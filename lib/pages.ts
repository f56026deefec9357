import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');

/** The pages in `pages/`, by folder, with the path below which each is served. */
export const pages = {
  player: '/',
  console: '/console/',
} as const satisfies Readonly<Record<string, string>>;
export type PageName = keyof typeof pages;

/** Paths of the HTTP API that the player's page calls on its own origin: those of signed-in players. */
export const playersPaths = '/v1/me/*';

/** Folder of the files whose names change with their content, so that they may be cached for ever. */
export const hashedFolder = 'assets';

/**
 * Browsers that know all that the pages use: the latest two years' of each. Nothing is rewritten for older ones.
 * `light-dark()` is the newest thing in the style sheets: https://caniuse.com/mdn-css_types_color_light-dark
 */
const browsers = ['chrome123', 'edge123', 'firefox125', 'safari17.5', 'ios17.5'];

/**
 * Bundles pages, each into its own folder: `index.html`, and script, style sheet and icon under hashed names in `assets/`. Nothing stands inline, so that
 * the content security policy needs no exception.
 *
 * @param outDir folder of the pages' folders; these are replaced whole
 * @returns of each page what esbuild says of its bundle
 */
export async function bundlePages(outDir: string, names: readonly PageName[] = Object.keys(pages) as PageName[]): Promise<Partial<Record<PageName, Metafile>>> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await bundlePage(join(outDir, name), name)] as const)));
}

async function bundlePage(outDir: string, name: PageName): Promise<Metafile> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const folder = join(root, 'pages', name);
  const { metafile } = await build({
    entryPoints: { [name]: join(folder, 'main.tsx'), icon: join(root, 'pages', 'shared', 'icon.svg') },
    outdir: outDir,
    entryNames: `${hashedFolder}/[name]-[hash]`,
    absWorkingDir: root,
    tsconfig: join(root, 'pages', 'tsconfig.json'),
    loader: { '.svg': 'copy' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: browsers,
    minify: true,
    // Korean as it is, not as escapes of six bytes; module scripts are always read as UTF-8.
    charset: 'utf8',
    metafile: true,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [notices],
  });
  const made = Object.keys(metafile.outputs).map((file) => relative(outDir, join(root, file)));
  const html = await readFile(join(folder, 'index.html'), 'utf8');
  const filled = html.replaceAll(/"(main\.tsx|main\.css|icon\.svg)"/g, (_, source: string) => {
    const ending = source === 'main.tsx' ? '.js' : source === 'main.css' ? '.css' : '.svg';
    const file = made.find((each) => each.endsWith(ending));
    if (file === undefined) throw new Error(`The page ${name} has no ${ending} file.`);
    return `"${pages[name]}${file}"`;
  });
  await writeFile(join(outDir, 'index.html'), filled);
  return metafile;
}

/** Browsers get copies of the packages in a page: their licences are for whoever reads the script, at its end, where esbuild puts each comment of this kind once. */
const notices: Plugin = {
  name: 'notices',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/node_modules\/.*\.m?js$/ }, async ({ path }) => {
      const [folder = '', name] = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
      const file = (await readdir(folder)).find((each) => /^licen[cs]e(\.\w+)?$/i.test(each));
      if (file === undefined) throw new Error(`${name} has no licence that the page could carry.`);
      const [source, licence] = await Promise.all([readFile(path, 'utf8'), readFile(join(folder, file), 'utf8')]);
      return { contents: `/*! ${name}\n\n${licence.trim()} */\n${source}` };
    });
  },
};

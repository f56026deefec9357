import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import type { Campaign } from '../lambdas/contracts/campaigns.ts';
import type { DeclaredType } from '../lambdas/contracts/event-types.ts';
import type { Need, Service } from './services.ts';
import { services } from './services.ts';
import { slimming } from './slimming.ts';

/** One function to bundle: a service's `consumer.ts`, `api.ts`, `schedule.ts` or `bridge.ts`. */
export type Part = 'consumer' | 'api' | 'schedule' | 'bridge';
/** The parts that are one function for each service; a `bridge` is one for each subscription. */
export type FunctionPart = Exclude<Part, 'bridge'>;

const root = join(import.meta.dirname, '..');
/** Name of the geo database's file beside the bundle that needs it. */
export const geoDatabaseFile = 'geo.mmdb';
/** Name of the file with the password campaigns beside the bundles that need it. */
export const campaignsFile = 'campaigns.json';
/** Name of the file with the company's event types beside the bundles that need it. */
export const eventTypesFile = 'event-types.json';

/** Folder of the bundle of the deployment's custom resources on MSK. */
export const busResources = 'bus-resources';
/**
 * Modules that lie in a file of their own beside the bundles that import them, because most containers never do: what speaks Kafka is imported on that
 * bus only, what parks records and lets them come back only when one fails, what checks JSON Schemas only where the company declared event types.
 */
const besides = [
  { name: 'kafka', module: join('lambdas', 'runtime', 'kafka', 'bus.ts') },
  { name: 'failed-records', module: join('lambdas', 'runtime', 'sns', 'failed-records.ts') },
  { name: 'json-schema', module: join('lambdas', 'contracts', 'json-schema.ts') },
];

/** The parts that a service has functions for. */
export const partsOf = (service: Service): Part[] => (['consumer', 'api', 'schedule', 'bridge'] as const).filter((part) => service[part] !== undefined);

/** The functions that a service itself has. */
export const functionPartsOf = (service: Service): FunctionPart[] => partsOf(service).filter((part) => part !== 'bridge');

/** What a function needs beyond tables and topics. */
const needsOf = (service: Service, part: Part): readonly Need[] => (part === 'bridge' ? ['event-types'] : (service[part]?.needs ?? []));

/** Folder of a function's bundle below the folder of all bundles. */
export const bundleName = (service: string, part: Part): string => `${service}-${part}`;

/**
 * Bundles every function of the table of services in one esbuild run, each into its own folder as `index.js`, with all that it
 * uses: a cold start reads one small file, and the SDK is the version that was tested.
 *
 * @param outDir replaced whole
 * @param geoDatabase file that is copied beside the functions that need it
 * @param eventTypes the company's own, written beside the functions that need them
 * @param campaigns written beside the functions that need them
 * @throws when a function of the table has no entry
 */
export async function bundle(
  outDir: string,
  geoDatabase: string,
  eventTypes: readonly DeclaredType[],
  campaigns: readonly Campaign[],
  table: readonly Service[] = services,
): Promise<Metafile> {
  const parts = table.flatMap((service) => partsOf(service).map((part) => ({ service, part })));
  for (const { service, part } of parts) {
    const entry = entryOf(service, part);
    if (!existsSync(entry)) throw new Error(`The table of services names ${service.name}, but ${relative(root, entry)} is missing.`);
  }
  if (!existsSync(geoDatabase)) throw new Error(`The geo database ${relative(process.cwd(), geoDatabase)} does not exist.`);
  await rm(outDir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: [
      ...parts.map(({ service, part }) => ({
        in: entryOf(service, part),
        out: join(bundleName(service.name, part), 'index'),
      })),
      ...besides.map(({ name, module }) => ({ in: join(root, module), out: join(name, name) })),
      { in: join(root, 'lambdas', 'bus', 'resources.ts'), out: join(busResources, 'index') },
    ],
    outdir: outDir,
    absWorkingDir: root,
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    platform: 'node',
    target: 'node24',
    // Half of a cold import is Node's own modules, and of those CommonJS loads only what is used: `import` reads every export of `node:http`, and one of them loads all of `fetch`.
    format: 'cjs',
    supported: { 'dynamic-import': false },
    define: { 'import.meta.dirname': '__dirname' },
    mainFields: ['module', 'main'],
    logLevel: 'warning',
    alias: {
      // Of the client only what publishes: its schema registries and consumers would double the file.
      '@platformatic/kafka': join(root, 'node_modules', '@platformatic', 'kafka', 'dist', 'clients', 'producer', 'index.js'),
      '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled',
      '@aws-sdk/credential-provider-node': join(root, 'lambdas', 'runtime', 'function-credentials.ts'),
      // The signer of MSK's tokens is given the function's own credentials, and needs no other way to any.
      '@aws-sdk/credential-providers': '@aws-sdk/credential-provider-env',
      '@aws-sdk/client-sts': '@aws-sdk/credential-provider-env',
    },
    // A faster checksum, if a native module were there.
    external: ['@node-rs/crc32'],
    plugins: [lateImports, slimming],
  });
  for (const { service, part } of parts) {
    const folder = join(outDir, bundleName(service.name, part));
    await mkdir(folder, { recursive: true });
    for (const { name } of besides) {
      if (usesBeside(metafile, bundleName(service.name, part), name)) await copyFile(join(outDir, name, `${name}.js`), join(folder, `${name}.js`));
    }
    await writeFile(join(folder, 'package.json'), commonJs);
    const needs = needsOf(service, part);
    if (needs.includes('geo-database')) await copyFile(geoDatabase, join(folder, geoDatabaseFile));
    if (needs.includes('event-types')) await writeFile(join(folder, eventTypesFile), JSON.stringify(eventTypes));
    if (needs.includes('campaigns')) await writeFile(join(folder, campaignsFile), JSON.stringify(campaigns));
  }
  await writeFile(join(outDir, busResources, 'package.json'), commonJs);
  await writeFile(join(outDir, 'metafile.json'), JSON.stringify(metafile));
  return metafile;
}

/** Says what a file `.js` is, wherever a bundle lies. */
const commonJs = JSON.stringify({ type: 'commonjs' });

const entryOf = ({ name, folder = join('lambdas', name) }: Service, part: Part): string => join(root, folder, `${part}.ts`);

/**
 * What is imported late is left out of the bundles. Some of it lies beside them. What reads AWS's streams of events lies nowhere, because no function asks
 * for one: within the bundle it would keep whole all that it shares with the rest of the SDK.
 */
const lateImports: Plugin = {
  name: 'late-imports',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
      const beside = kind === 'dynamic-import' ? besides.find(({ module }) => join(root, module) === join(resolveDir, path)) : undefined;
      return beside && { path: `./${beside.name}.js`, external: true };
    });
    onResolve({ filter: /^@smithy\/core\/event-streams$/ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined));
  },
};

/** Whether a bundle imports a file beside it. */
const usesBeside = ({ outputs }: Metafile, bundled: string, name: string): boolean =>
  Object.entries(outputs).some(([file, { imports }]) => file.endsWith(`${bundled}/index.js`) && imports.some(({ path }) => path === `./${name}.js`));

import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type Metafile } from 'esbuild';
import type { Campaign } from '../lambdas/contracts/campaigns.ts';
import type { DeclaredType } from '../lambdas/contracts/event-types.ts';
import type { Need, Service } from './services.ts';
import { services } from './services.ts';

/** One function to bundle: a service's `consumer.ts`, `api.ts` or `bridge.ts`, or the bridge's `partitions.ts`. */
export type Part = 'consumer' | 'api' | 'bridge' | 'partitions';

const root = join(import.meta.dirname, '..');
/** Name of the geo database's file beside the bundle that needs it. */
export const geoDatabaseFile = 'geo.mmdb';
/** Name of the file with the password campaigns beside the bundles that need it. */
export const campaignsFile = 'campaigns.json';
/** Name of the file with the company's event types beside the bundles that need it. */
export const eventTypesFile = 'event-types.json';

/** The parts that a service has functions for, on either bus. */
export const partsOf = (service: Service): Part[] =>
  (['consumer', 'api', 'bridge', 'partitions'] as const).filter((part) => service[part === 'partitions' ? 'bridge' : part] !== undefined);

/** What a function needs beyond tables and topics. */
function needsOf(service: Service, part: Part): readonly Need[] {
  if (part === 'bridge') return ['event-types'];
  return part === 'partitions' ? [] : (service[part]?.needs ?? []);
}

/** Folder of a function's bundle below the folder of all bundles. */
export const bundleName = (service: string, part: Part): string => `${service}-${part}`;

/**
 * Bundles every function of the table of services in one esbuild run, each into its own folder as `index.mjs`, with all that it
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
    const entry = join(root, 'lambdas', service.name, `${part}.ts`);
    if (!existsSync(entry)) throw new Error(`The table of services names ${service.name}, but lambdas/${service.name}/${part}.ts is missing.`);
  }
  if (!existsSync(geoDatabase)) throw new Error(`The geo database ${relative(process.cwd(), geoDatabase)} does not exist.`);
  await rm(outDir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: parts.map(({ service, part }) => ({
      in: join(root, 'lambdas', service.name, `${part}.ts`),
      out: join(bundleName(service.name, part), 'index'),
    })),
    outdir: outDir,
    absWorkingDir: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  for (const { service, part } of parts) {
    const folder = join(outDir, bundleName(service.name, part));
    await mkdir(folder, { recursive: true });
    const needs = needsOf(service, part);
    if (needs.includes('geo-database')) await copyFile(geoDatabase, join(folder, geoDatabaseFile));
    if (needs.includes('event-types')) await writeFile(join(folder, eventTypesFile), JSON.stringify(eventTypes));
    if (needs.includes('campaigns')) await writeFile(join(folder, campaignsFile), JSON.stringify(campaigns));
  }
  await writeFile(join(outDir, 'metafile.json'), JSON.stringify(metafile));
  return metafile;
}

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, geoDatabaseFile } from '../../lib/bundles.ts';
import { bundlePages } from '../../lib/pages.ts';
import { readSettings } from '../../lib/settings.ts';
import { type LockFile, packagesIn } from './packages.ts';

/** Where a package's code, or data, lies once everything is deployed. */
export type Place = 'functions' | 'the player’s page' | 'the function that fills the page’s bucket';

/** Bundles by package (`name@version`): those of the functions, `player`, `site`. */
export type Deployed = ReadonlyMap<string, ReadonlySet<string>>;

/** What lies in no bundle of ours: CDK's own function of the stack `site`, and its layer with the AWS CLI. */
const ofCdk = ['aws-cdk-lib', '@aws-cdk/asset-awscli-v1'];
const geoPackage = '@ip-location-db/geo-whois-asn-country-mmdb';

/** Bundles everything, and tells which packages are in it. */
export async function deployedPackages(lock: LockFile): Promise<Deployed> {
  const folder = await mkdtemp(join(tmpdir(), 'loginward-deployed-'));
  try {
    const functions = packagesIn(await bundle(join(folder, 'functions'), readSettings({}).geoDatabase, [], []), lock);
    const withGeo = (await readdir(join(folder, 'functions'))).filter((name) => existsSync(join(folder, 'functions', name, geoDatabaseFile)));
    const { player } = await bundlePages(join(folder, 'pages'), ['player']);
    if (player === undefined) throw new Error('The player’s page was not bundled.');
    const page = new Map([...packagesIn(player, lock).keys()].map((id) => [id, new Set(['player'])]));
    const { packages } = lock;
    const locked = (name: string) => `${name}@${packages[`node_modules/${name}`]?.version}`;
    return merged(functions, page, new Map([[locked(geoPackage), new Set(withGeo)]]), new Map(ofCdk.map((name) => [locked(name), new Set(['site'])])));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function merged(...parts: Deployed[]): Deployed {
  const all = new Map<string, Set<string>>();
  for (const [id, bundles] of parts.flatMap((part) => [...part])) all.set(id, new Set([...(all.get(id) ?? []), ...bundles]));
  return all;
}

/** The place of a bundle. */
export const placeOf = (bundle: string): Place =>
  bundle === 'player' ? 'the player’s page' : bundle === 'site' ? 'the function that fills the page’s bucket' : 'functions';

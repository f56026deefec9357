import { basename, dirname } from 'node:path';
import type { Metafile } from 'esbuild';

/** A package of `package-lock.json`. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package itself says. */
  readonly license: string;
}

/** What this project reads of `package-lock.json`, by the path of each package; the project itself is ''. */
export interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly name?: string; readonly version?: string; readonly license?: string; readonly integrity?: string; readonly resolved?: string; readonly inBundle?: boolean; readonly hasInstallScript?: boolean }>
  >;
}

/** How a package is named in lists: each version of it is one of its own. */
export const idOf = ({ name, version }: Pick<LockedPackage, 'name' | 'version'>): string => `${name}@${version}`;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** All packages of the lock file but the project itself, each version once, by name. */
export function lockedPackages({ packages }: LockFile): LockedPackage[] {
  const locked = Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, { name = nameOf(path), version = '', license = '' }]) => ({ name, version, license }));
  return [...new Map(locked.map((each) => [idOf(each), each])).values()].toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
}

/**
 * The packages whose code is in bundles: what esbuild took out of their files, and not only what was imported.
 *
 * @returns names of bundles by package; a bundle is named by its folder
 */
export function packagesIn({ outputs }: Pick<Metafile, 'outputs'>, { packages }: LockFile): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [output, { inputs }] of Object.entries(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      // The path in the lock file begins at the first node_modules, wherever the project lies.
      const path = /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
      if (path === undefined || bytesInOutput === 0) continue;
      const { name = nameOf(path), version } = packages[path] ?? {};
      if (version === undefined) throw new Error(`${path} is in ${output} and not in package-lock.json.`);
      const id = idOf({ name, version });
      found.set(id, (found.get(id) ?? new Set()).add(basename(dirname(output))));
    }
  }
  return found;
}

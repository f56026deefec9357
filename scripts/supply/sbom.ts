import type { Deployed } from './deployed.ts';
import { npm } from './npm.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly object[];
}

/** A CycloneDX bill of materials, as far as it is read here: https://cyclonedx.org/docs/1.5/json/ */
export interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

/**
 * npm's own bill of materials of a lock file: every package, tools included.
 *
 * @param folder of `package.json` and `package-lock.json`; nothing in it is changed
 */
export function wholeBom(folder: string): Bom {
  const { stdout, stderr, status } = npm(['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], folder);
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);
  const bom = JSON.parse(stdout) as Bom;
  // npm calls the project as its folder is called.
  const component = { ...bom.metadata.component, name: bom.metadata.component['bom-ref'].replace(/@[^@]*$/, '') };
  return { ...bom, metadata: { ...bom.metadata, component } };
}

/**
 * A bill with the packages alone that are deployed, each with the names of the bundles that it is in. Who depends on a package that is left out depends on
 * what that one depends on.
 */
export function deployedBom(bom: Bom, deployed: Deployed): Bom {
  const root = bom.metadata.component['bom-ref'];
  const known = new Set(bom.components.map((component) => component['bom-ref']));
  for (const id of deployed.keys()) if (!known.has(id)) throw new Error(`${id} is deployed, and npm's bill of materials does not have it.`);
  const next = new Map(bom.dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
  const kept = (ref: string, seen: Set<string>): string[] =>
    (next.get(ref) ?? []).flatMap((each) => {
      if (seen.has(each)) return [];
      seen.add(each);
      return deployed.has(each) ? [each] : kept(each, seen);
    });
  const components = bom.components
    .filter((component) => deployed.has(component['bom-ref']))
    .map((component) => ({
      ...component,
      properties: [...(component.properties ?? []), ...[...(deployed.get(component['bom-ref']) ?? [])].toSorted().map((value) => ({ name: 'loginward:bundle', value }))],
    }));
  const dependencies = [root, ...components.map((component) => component['bom-ref'])].map((ref) => ({ ref, dependsOn: kept(ref, new Set([ref])).toSorted() }));
  return { ...bom, components, dependencies };
}

import type { Place } from './deployed.ts';
import { idOf, type LockedPackage } from './packages.ts';

/** Licences that ask for no more than their notice: whatever is deployed must have one of them. */
const permissive = ['Apache-2.0', 'MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'MIT-0', 'CC0-1.0'];
/** Of tools also these: permissive too, or with a duty that holds only for who passes a changed file on. */
const ofTools = [...permissive, 'BlueOak-1.0.0', 'Unlicense', 'MPL-2.0', '(MIT OR GPL-3.0-or-later)'];

/** Tools with another licence, and why that is well. */
const explained = {
  names: ['@cloud-copilot/iam-policy', '@cloud-copilot/iam-simulate', '@cloud-copilot/iam-utils'],
  why: `AGPL-3.0-or-later is the licence of the IAM simulator of the local run and of tests. It is in nothing that is deployed, and no part of this repository: npm fetches it. The local run
listens on this machine alone. Who passes on a copy of the local run with its packages, or lets others use it over a network, must keep to that licence.`,
};

const isExplained = ({ name }: LockedPackage): boolean => explained.names.includes(name);

/** What is not as it must be, in words; empty when all is well. */
export function licenceProblems(locked: readonly LockedPackage[], deployed: ReadonlySet<string>): string[] {
  return locked.flatMap((each) => {
    if (deployed.has(idOf(each))) return permissive.includes(each.license) ? [] : [`${idOf(each)} is deployed under ${each.license || 'no licence'}`];
    return ofTools.includes(each.license) || isExplained(each) ? [] : [`${idOf(each)} is a tool under ${each.license || 'no licence'}`];
  });
}

/** The page `docs/licences.md`. */
export function licencesPage(locked: readonly LockedPackage[], deployed: ReadonlyMap<string, readonly Place[]>): string {
  const rows = locked.filter((each) => deployed.has(idOf(each))).map((each) => `| ${each.name} | ${each.version} | ${each.license} | ${deployed.get(idOf(each))?.join(', ')} |`);
  const tools = Map.groupBy(
    locked.filter((each) => !deployed.has(idOf(each))),
    ({ license }) => license,
  );
  const lists = [...tools].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([license, packages]) => `**${license}**: ${packages.map(({ name, version }) => `${name} ${version}`).join(', ')}.`);
  return `# Licences

Made by \`npm run licences\` from \`package-lock.json\` and the bundles. Loginward itself is under [Apache 2.0](../LICENSE).

## In what is deployed

${rows.length} packages. The functions lie in your own AWS account and are given to nobody, so their bundles carry no licence texts; who passes bundles on adds them, from
\`node_modules/<package>/LICENSE\`. The script of the player's page goes to browsers, and ends with the notices of what is in it.

| package | version | licence | in |
|---|---|---|---|
${rows.join('\n')}

The package of the geo database says CC0-1.0. Its data is that of [geo-whois-asn-country](https://github.com/sapics/ip-location-db/tree/main/geo-whois-asn-country), licensed under
[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/) by [NRO](https://www.nro.net/), and is attributed in the README and on the player's page. A database of your own
(\`-c geoDatabase=FILE\`) takes its place, with its own licence.

## Tools

What builds, checks and runs Loginward on a laptop. None of it is deployed.

${lists.join('\n\n')}

${explained.why}
`;
}

/** What the page says is deployed, and where: the first table read back. */
export function deployedOf(page: string): Map<string, Place[]> {
  const rows = page.matchAll(/^\| (\S+) \| (\S+) \| [^|]+ \| ([^|]+) \|$/gm);
  return new Map([...rows].filter(([, name]) => name !== 'package').map(([, name = '', version = '', places = '']) => [idOf({ name, version }), places.split(', ') as Place[]]));
}

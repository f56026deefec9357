import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deployedPackages } from './supply/deployed.ts';
import type { LockFile } from './supply/packages.ts';
import { deployedBom, wholeBom } from './supply/sbom.ts';

/**
 * Writes the bills of materials (CycloneDX, JSON): `sbom.cdx.json` of what is deployed, and `sbom-build.cdx.json` of everything that builds, tests and runs it.
 * The Node of AWS Lambda itself is in neither.
 */
const root = join(import.meta.dirname, '..');
const whole = wholeBom(root);
const deployed = deployedBom(whole, await deployedPackages(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as LockFile));
for (const [file, bom] of Object.entries({ 'sbom.cdx.json': deployed, 'sbom-build.cdx.json': whole })) {
  await writeFile(join(root, file), `${JSON.stringify(bom, undefined, 2)}\n`);
  process.stdout.write(`${file}: ${bom.components.length} packages\n`);
}

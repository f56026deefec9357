import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deployedPackages, placeOf } from './supply/deployed.ts';
import { licenceProblems, licencesPage } from './supply/licences.ts';
import { lockedPackages, type LockFile } from './supply/packages.ts';

/** Writes `docs/licences.md` anew, and ends with 1 when a licence is not one of the allowed. */
const root = join(import.meta.dirname, '..');
const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as LockFile;
const deployed = new Map([...(await deployedPackages(lock))].map(([id, bundles]) => [id, [...new Set([...bundles].map(placeOf))]]));
const locked = lockedPackages(lock);
await writeFile(join(root, 'docs', 'licences.md'), licencesPage(locked, deployed));
for (const problem of licenceProblems(locked, new Set(deployed.keys()))) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}

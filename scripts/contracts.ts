import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { documents } from './contracts/documents.ts';

/** Writes `docs/contracts/` anew from the contracts in `lambdas/contracts/`. */
const folder = join(import.meta.dirname, '..', 'docs', 'contracts');
await rm(folder, { recursive: true, force: true });
for (const [path, text] of documents()) {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exceptions, judged } from './supply/audit.ts';
import { npm } from './supply/npm.ts';

/** `npm run audit`: asks the registry for advisories of moderate severity and above. Ends with 1 when some are left, and with 2 when it got no answer. */
const root = join(import.meta.dirname, '..');
const known = exceptions.parse(JSON.parse(await readFile(join(root, 'audit-exceptions.json'), 'utf8')));
const { stdout, stderr } = npm(['audit', '--json', '--audit-level=moderate', '--package-lock-only'], root);
const { code, lines } = judged(stdout, known, new Date().toISOString().slice(0, 10));
for (const line of lines) process.stdout.write(`${line}\n`);
if (code === 0) process.stdout.write('No advisories of moderate severity or above are left.\n');
if (code === 2) process.stderr.write(stderr);
process.exitCode = code;

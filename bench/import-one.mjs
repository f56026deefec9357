// Tells how many milliseconds of CPU the import of the file that is its argument takes. Plain JavaScript, so that no TypeScript is stripped meanwhile.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , file] = process.argv;
const { href } = pathToFileURL(file);
const require = createRequire(href);
const before = process.cpuUsage();
// As Lambda's runtime loads each kind.
if (file.endsWith('.mjs')) await import(href);
else require(file);
const { user, system } = process.cpuUsage(before);
process.stdout.write(String((user + system) / 1000), () => process.exit());

// Tells how many milliseconds the import of the file that is its argument takes. Plain JavaScript, so that no TypeScript is stripped meanwhile.
import { pathToFileURL } from 'node:url';

const file = pathToFileURL(process.argv[2]).href;
const start = performance.now();
await import(file);
process.stdout.write(String(performance.now() - start), () => process.exit());

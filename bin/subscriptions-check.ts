import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCatalog } from '../lib/catalog.ts';
import { mermaidOf } from '../lib/graph.ts';
import { linesOf } from '../lib/json-files.ts';
import { listOf, readOptions, refuse } from './options.ts';

const help = `Checks the subscriptions of HTTP endpoints and the event types of the company, as a deployment would, and draws who passes what to whom.

npm run subscriptions:check -- [DIR] [options]

  DIR                    folder of the subscriptions; subscriptions/ when left out
  --event-types DIR      folder of the event types; event-types/ beside DIR, or here
  --endpoint-networks    private networks that endpoints may lie in, in CIDR notation, separated by commas
  --help                 shows this

What keeps it from being deployed begins with "error"; what may be meant so with "warning". It ends with 1 when there is an error.
The graph is in Mermaid, which GitHub draws.
`;

const { values, positionals } = readOptions(help, { 'event-types': { type: 'string' }, 'endpoint-networks': { type: 'string', default: '' } }, true);
const [subscriptions = 'subscriptions', ...more] = positionals;
if (more.length > 0) refuse('Give one folder.');
if (positionals.length > 0 && !existsSync(subscriptions)) refuse(`${subscriptions} does not exist.`);
const beside = join(subscriptions, '..', 'event-types');
const { catalog, errors, warnings } = readCatalog({
  subscriptions: [subscriptions],
  eventTypes: [values['event-types'] ?? (existsSync(beside) ? beside : 'event-types')],
  networks: listOf(values['endpoint-networks']),
  allowsUnsigned: false,
});
for (const line of linesOf(errors)) process.stderr.write(`error: ${line}\n`);
for (const line of linesOf(warnings)) process.stderr.write(`warning: ${line}\n`);
process.stdout.write(`\`\`\`mermaid\n${mermaidOf(catalog)}\n\`\`\`\n`);
const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
process.stdout.write(
  `${count(catalog.subscriptions.length, 'subscription')}, ${count(catalog.eventTypes.length, 'event type')}: ${count(errors.length, 'error')}, ${count(warnings.length, 'warning')}\n`,
);
process.exitCode = errors.length > 0 ? 1 : 0;

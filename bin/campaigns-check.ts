import { existsSync } from 'node:fs';
import { readCampaigns } from '../lib/campaigns.ts';
import { linesOf } from '../lib/json-files.ts';
import { readOptions, refuse } from './options.ts';

const help = `Checks the password campaigns, as a deployment would.

npm run campaigns:check -- [DIR]

  DIR       folder of the campaigns; campaigns/ when left out
  --help    shows this

What keeps them from being deployed begins with "error"; what may be meant so with "warning". It ends with 1 when there is an error.
`;

const { positionals } = readOptions(help, {}, true);
const [folder = 'campaigns', ...more] = positionals;
if (more.length > 0) refuse('Give one folder.');
if (positionals.length > 0 && !existsSync(folder)) refuse(`${folder} does not exist.`);
const { campaigns, errors, warnings } = readCampaigns([folder]);
for (const line of linesOf(errors)) process.stderr.write(`error: ${line}\n`);
for (const line of linesOf(warnings)) process.stderr.write(`warning: ${line}\n`);
for (const { id, owner, passwordOlderThan, response, everyDays, from, until } of campaigns) {
  process.stdout.write(
    `${id} (${owner}): from ${from} until ${until}, passwords older than ${passwordOlderThan}, by ${response} once in ${everyDays} days at most\n`,
  );
}
const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
process.stdout.write(`${count(campaigns.length, 'campaign')}: ${count(errors.length, 'error')}, ${count(warnings.length, 'warning')}\n`);
process.exitCode = errors.length > 0 ? 1 : 0;

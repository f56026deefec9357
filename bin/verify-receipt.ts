import { readFileSync } from 'node:fs';
import { faultsOf } from '../lambdas/account-security/receipt.ts';
import { verdict } from '../lambdas/contracts/verdict.ts';
import { fieldErrors } from '../lambdas/runtime/validation.ts';
import { readOptions, refuse } from './options.ts';

const help = `Recomputes the receipt of a verdict, and says whether it holds.

npm run verify-receipt -- FILE

  FILE      a verdict as GET /v1/me/verdicts/{loginId} gave it; - reads standard input
  --help    shows this

Every rule is applied again to what the receipt says it saw, and the digest is computed again over all but the actions.
Ends with 0 when it holds, and with 1 when it does not.
`;

const { positionals } = readOptions(help, {}, true);
const [file, ...more] = positionals;
if (file === undefined || more.length > 0) refuse(`Name one file.\nnpm run verify-receipt -- --help shows how.`);

let json: unknown;
try {
  json = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
} catch (error) {
  refuse(`${file}: ${(error as Error).message}`);
}
const { data, error } = verdict().safeParse(json);
if (error) refuse(`${file} is not a verdict:\n${fieldErrors(error).map(({ pointer, detail }) => `  ${pointer} ${detail}`).join('\n')}`);

// What the schema does not know is part of the digest as well.
const faults = faultsOf({ ...(json as object), ...data });
for (const fault of faults) process.stdout.write(`  ${fault}: is not what the receipt's own inputs come to\n`);
process.stdout.write(faults.length > 0 ? `The receipt of ${data.loginId} does not hold.\n` : `The receipt of ${data.loginId} holds: ${data.text.en}\n`);
process.exit(faults.length > 0 ? 1 : 0);

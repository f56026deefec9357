import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleCampaign } from '../../scripts/contracts/metadata.ts';
import { pythonProgram, root } from '../engines/engines.ts';
import { newCampaign } from '../support/campaigns.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';

const seed = 8;
const maxExamples = 50;
const player = 'schemathesis';

let folder: string;
let chain: LocalChain;
let environment: string;
beforeAll(async () => {
  environment = await pythonProgram('schemathesis', '4.32.5');
  folder = await mkdtemp(join(tmpdir(), 'loginward-schemathesis-'));
  // The example of the contract, so that a report is reached.
  await writeFile(join(folder, `${exampleCampaign}.json`), JSON.stringify(newCampaign({ id: exampleCampaign })));
  chain = await startLocalChain({ campaigns: [folder] });
  // A history with verdicts, so that there is something to dispute.
  await chain.api.signed('/v1/logins', { body: Array.from({ length: 20 }, (_, index) => ({ accountId: player, ip: '8.8.8.8', id: `${index}` })) });
  await chain.settled();
});
afterAll(async () => {
  await chain?.remove();
  await rm(folder, { recursive: true, force: true });
});

interface Report {
  readonly complete: boolean;
  readonly operations: { readonly total: number; readonly tested: number };
  readonly test_cases: { readonly generated: number };
  readonly failures: readonly unknown[];
  readonly errors: readonly unknown[];
}

/** Runs it over all routes, each signed in as it asks. @returns what it found, as it prints and as it reports it */
async function attack(): Promise<{ said: string; report: Report }> {
  const reportFile = join(folder, 'report.json');
  const { body } = await chain.api.plain('/local/tokens', { body: { accountId: player, amr: ['otp'] } });
  const options = {
    url: chain.local.url,
    seed,
    'max-examples': maxExamples,
    phases: 'examples,coverage,fuzzing,stateful',
    'generation-database': 'none',
    report: 'json',
    'report-json-path': reportFile,
  };
  const args = [
    `--config-file=${join(root, 'test', 'attacks', 'schemathesis.toml')}`,
    'run',
    join(root, 'docs', 'contracts', 'openapi.json'),
    ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
  ];
  const env = { ...process.env, SCHEMATHESIS_HOOKS: join(root, 'test', 'attacks', 'schemathesis_hooks.py'), PYTHONDONTWRITEBYTECODE: '1', PLAYER_TOKEN: body.token };
  // It ends with 1 when it found something.
  const run = promisify(execFile)(join(environment, 'bin', 'schemathesis'), args, { cwd: folder, env, maxBuffer: 64 * 2 ** 20 });
  const { stdout } = await run.catch((error: { stdout?: string }) => {
    if (!error.stdout) throw error;
    return { stdout: error.stdout };
  });
  return { said: stdout, report: JSON.parse(await readFile(reportFile, 'utf8')) as Report };
}

describe('schemathesis, with all its checks, over the generated OpenAPI document', () => {
  it('finds nothing: signed by AWS IAM, with a player\'s token, and public', async () => {
    const { said, report } = await attack();
    process.stdout.write(`schemathesis: ${report.test_cases.generated} cases over ${report.operations.tested} operations, seed ${seed}\n`);
    expect(report.failures, said).toEqual([]);
    expect(report.errors, said).toEqual([]);
    expect({ complete: report.complete, tested: report.operations.tested }).toEqual({ complete: true, tested: report.operations.total });
  }, 900_000);
});

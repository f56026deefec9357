import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { slimming, withPlainKeys } from '../../lib/slimming.ts';

const functionCredentials = join(import.meta.dirname, '../../lambdas/runtime/function-credentials.ts');
const run = promisify(execFile);
const schemasOf = (client: string) => join(fileURLToPath(import.meta.resolve(`@aws-sdk/${client}/package.json`)), '..', 'dist-es', 'schemas', 'schemas_0.js');
const clients = ['client-dynamodb', 'client-s3', 'client-secrets-manager', 'client-sesv2', 'client-sns', 'client-sqs'];

it.each(clients)('the schemas of %s are the same with plain keys', async (client) => {
  expect(withPlainKeys(await readFile(schemasOf(client), 'utf8'))).not.toMatch(/\[_\w+\]:/);
  const folder = await mkdtemp(join(tmpdir(), 'loginward-slimming-'));
  try {
    const [plain, original] = await Promise.all(
      [[slimming], []].map(async (plugins, index) => {
        const outfile = join(folder, `${index}.mjs`);
        await build({ entryPoints: [schemasOf(client)], outfile, bundle: true, platform: 'node', format: 'esm', plugins });
        return JSON.stringify(Object.entries((await import(outfile)) as object));
      }),
    );
    expect(plain?.length).toBeGreaterThan(1000);
    expect(plain).toBe(original);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('a bundle holds the schemas of the commands that it sends, and no others', async () => {
  const source = "import { DeleteObjectCommand } from '@aws-sdk/client-s3'; export { DeleteObjectCommand };";
  const { outputFiles } = await build({ stdin: { contents: source, resolveDir: import.meta.dirname }, bundle: true, minify: true, write: false, platform: 'node', mainFields: ['module', 'main'], plugins: [slimming] });
  const text = outputFiles[0]?.text ?? '';
  expect(text).toContain('"DeleteObjectRequest"');
  expect(text).not.toContain('"PutObjectRequest"');
});

it('a client looks for no files of AWS configuration, and takes what is in the environment', async () => {
  const source = "import { SNSClient } from '@aws-sdk/client-sns'; export const regionOf = () => new SNSClient({}).config.region();";
  const folder = await mkdtemp(join(tmpdir(), 'loginward-slimming-'));
  try {
    const outfile = join(folder, 'client.cjs');
    await build({ stdin: { contents: source, resolveDir: import.meta.dirname }, outfile, bundle: true, platform: 'node', format: 'cjs', mainFields: ['module', 'main'], plugins: [slimming], alias: { '@aws-sdk/credential-provider-node': functionCredentials } });
    expect(await readFile(outfile, 'utf8')).not.toContain('fs/promises');
    const { stdout } = await run(process.execPath, ['-p', `require(${JSON.stringify(outfile)}).regionOf().then(console.log), ''`], { env: { AWS_REGION: 'ap-northeast-2' } });
    expect(stdout).toContain('ap-northeast-2');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

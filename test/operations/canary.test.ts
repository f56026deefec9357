import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { awsAt } from '../../bin/aws.ts';
import { canaryAccount } from '../../lambdas/contracts/metrics.ts';
import { services } from '../../lib/services.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';

let chain: LocalChain;
beforeAll(async () => {
  const stages = ['publisher', 'ip-checker', 'login-logger', 'account-security', 'canary'];
  chain = await startLocalChain({ table: services.filter(({ name }) => stages.includes(name)) });
});
afterAll(() => chain.remove());

it('the canary goes the whole way through the deployed functions, by its own role, and moves no figure', async () => {
  const { lambda } = awsAt(chain.local.url);
  const start = Math.floor(Date.now() / 60_000) * 60_000;
  for (const turn of [-1, 0]) {
    const Payload = JSON.stringify({ time: new Date(start + turn * 60_000).toISOString() });
    const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: 'loginward-local-canary-schedule', Payload }));
    expect(FunctionError).toBeUndefined();
    await chain.settled();
  }
  const { body } = await chain.api.signed(`/v1/accounts/${canaryAccount}/logins`);
  expect(body.items).toMatchObject([1, 2].map(() => ({ ip: '192.0.2.1', country: null, verdict: { triggers: ['unlocated'], responses: ['none'] } })));
  const logs = await Promise.all(chain.local.functions.map(async (name) => [name, await readFile(join(chain.data, 'logs', `${name}.log`), 'utf8')] as const));
  const written = logs.flatMap(([name, log]) => [...log.matchAll(/^\{"_aws".*$/gm)].map(([line]) => [name, JSON.parse(line) as Record<string, unknown>] as const));
  expect(written.filter(([name]) => name.includes('-canary-')).map(([, { CanaryArrived }]) => CanaryArrived)).toEqual([1]);
  const figures = written.filter(([name]) => !name.includes('-canary-')).flatMap(([, line]) => Object.keys(line).filter((field) => /^[A-Z]/.test(field)));
  // How old the geo database is has nothing to do with who logs in.
  expect(new Set(figures)).toEqual(new Set(['GeoDatabaseAge']));
  expect(chain.reports).toEqual([]);
});

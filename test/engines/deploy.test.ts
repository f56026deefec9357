import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryItem } from '../../lambdas/contracts/http.ts';
import { services } from '../../lib/services.ts';
import { type ApiClient, apiClient } from '../support/local-client.ts';
import { wholeHistory } from '../support/whole-history.ts';
import { chunks } from '../support/work.ts';
import { type Engine, root, startMiniStack } from './engines.ts';

const run = promisify(execFile);
const sender = 'security@example.com';
let engine: Engine;
let folder: string;
let api: ApiClient;

/** The CDK command against the engine. */
const cdk = (...args: string[]) =>
  run('cdk', args, {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      PATH: `${join(root, 'node_modules', '.bin')}:${process.env['PATH']}`,
      AWS_ENDPOINT_URL: engine.url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      CDK_DISABLE_CLI_TELEMETRY: '1',
    },
  });

/** Deploys, and gives what the command said: on stderr, or with `CI` in the environment on stdout. */
async function deploy(...stacks: string[]): Promise<string> {
  const { stdout, stderr } = await cdk('deploy', ...stacks, '--require-approval', 'never', '--output', join(folder, 'cdk.out'), '-c', `senderAddress=${sender}`);
  return stdout + stderr;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loginward-deploy-'));
  engine = await startMiniStack();
  await cdk('bootstrap', 'aws://000000000000/us-east-1', '--output', join(folder, 'bootstrap'));
  const said = await deploy('--all');
  const deployed = said.split('\n').filter((line) => line.includes('✅'));
  expect(deployed.length, said).toBe(services.length + 2);
  const client = { endpoint: engine.url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  // As the README says: SES sends from a verified address only.
  await new SESv2Client(client).send(new CreateEmailIdentityCommand({ EmailIdentity: sender }));
  const ssm = new SSMClient(client);
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/loginward/dev/api/id' }));
  api = apiClient(`${engine.url}/_aws/execute-api/${Parameter?.Value}/$default`);
});
afterAll(async () => {
  await engine?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Reads a history until it is as it should be. */
async function historyWhen(accountId: string, isReady: (items: HistoryItem[]) => boolean): Promise<HistoryItem[]> {
  for (;;) {
    const items = await wholeHistory(api, accountId);
    if (isReady(items)) return items;
    await delay(250);
  }
}

describe('cdk deploy --all', () => {
  it('puts the whole chain into an account: a login from abroad ends as an e-mail', async () => {
    const contact = {
      specversion: '1.0',
      id: 'contact-1',
      source: 'accounts',
      type: 'loginward.contact.changed.v1',
      subject: 'ann',
      time: new Date(Date.now() - 60_000).toISOString(),
      data: { email: 'ann@example.com', locale: 'en' },
    };
    const headers = { 'content-type': 'application/cloudevents+json' };
    expect((await api.signed('/v1/events', { body: contact, headers })).status).toBe(202);
    // The contact is on its own way; a login from home that follows it shows that the chain works.
    expect((await api.signed('/v1/logins', { body: { accountId: 'ann', ip: '1.201.1.1' } })).status).toBe(202);
    await historyWhen('ann', (items) => items.length === 1);
    expect((await api.signed('/v1/logins', { body: { accountId: 'ann', ip: '8.8.8.8' } })).status).toBe(202);
    const items = await historyWhen('ann', ([newest]) => newest?.verdict?.actions?.[0]?.outcome !== undefined);
    expect(items.map(({ country }) => country)).toEqual(['US', 'KR']);
    expect(items[0]?.verdict).toMatchObject({ triggers: ['login_abroad', 'new_country'], responses: ['email'], actions: [{ response: 'email', outcome: 'done' }] });
    expect(items[1]?.verdict).toBeUndefined();
  });

  it('records every login that was posted', async () => {
    const logins = Array.from({ length: 300 }, (_, index) => ({ accountId: 'many', ip: '1.201.1.1', id: `login-${index}` }));
    for (const body of chunks(logins, 100)) expect((await api.signed('/v1/logins', { body })).status).toBe(202);
    const items = await historyWhen('many', ({ length }) => length >= 300);
    expect(new Set(items.map(({ id }) => id)).size).toBe(300);
    expect(items.every(({ country }) => country === 'KR')).toBe(true);
  });

  it('refuses bad input as the local run does', async () => {
    const { status, body } = await api.signed('/v1/logins', { body: { accountId: 'ann', ip: '264.8.8.8' } });
    expect(status).toBe(400);
    expect(body.errors).toEqual([{ pointer: '#/ip', detail: expect.any(String) }]);
  });

  it('deploys one stack alone, and leaves a stack that did not change as it is', async () => {
    const said = await deploy('loginward-dev-ip-checker', '--exclusively');
    expect(said).toMatch(/loginward-dev-ip-checker.*\(no changes\)/);
    expect(said).not.toContain('loginward-dev-bus');
  });
});

import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settingsStore } from '../../lambdas/account-security/settings-store.ts';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import type { HistoryItem } from '../../lambdas/contracts/answers.ts';
import { services } from '../../lib/services.ts';
import { audit, type CatalogFolders, catalogFolders, gameServer, matchEnded } from '../support/catalog.ts';
import { startEndpoint, type TestEndpoint } from '../support/endpoints.ts';
import { type ApiClient, apiClient } from '../support/local-client.ts';
import { wholeHistory } from '../support/whole-history.ts';
import { chunks } from '../support/work.ts';
import { type Engine, environmentOf, root, startMiniStack } from './engines.ts';
import { type PythonGame, startPythonGame } from './python-game.ts';

const run = promisify(execFile);
const sender = 'security@example.com';
const secret = 'whsec_ZW5naW5lLXRlc3Qtc2VjcmV0';
/** Whether the endpoint takes matches that it does not know. */
const accepts = { unknown: false };
let engine: Engine;
let folder: string;
let api: ApiClient;
let game: PythonGame;
let matches: TestEndpoint;
let catalog: CatalogFolders;

/** A command of this repository against the engine. */
const command = (file: string, ...args: string[]) =>
  run(file, args, {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
    env: environmentOf(engine),
  });
const cdk = (...args: string[]) => command('cdk', ...args);
const tool = async (name: string, ...args: string[]): Promise<string> =>
  (await command(process.execPath, join('bin', `${name}.ts`), ...args)).stdout;

/**
 * MiniStack makes CloudFront and the bucket, but CDK's own function that fills it ends at once there: it is Python with boto3, which MiniStack does not
 * have. So the player's page is left out.
 */
const withoutPage = 'site=false';

/** Deploys, and gives what the command said: on stderr, or with `CI` in the environment on stdout. */
async function deploy(...stacks: string[]): Promise<string> {
  const settings = [withoutPage, `senderAddress=${sender}`, `subscriptions=${catalog.subscriptions.join(',')}`, `eventTypes=${catalog.eventTypes.join(',')}`, 'endpointNetworks=127.0.0.0/8'];
  const context = settings.flatMap((setting) => ['-c', setting]);
  const app = `node --disable-warning=ExperimentalWarning ${join('test', 'engines', 'ministack-app.ts')}`;
  const { stdout, stderr } = await cdk('deploy', ...stacks, '--app', app, '--require-approval', 'never', '--output', join(folder, 'cdk.out'), ...context);
  return stdout + stderr;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loginward-deploy-'));
  engine = await startMiniStack();
  game = await startPythonGame(secret);
  matches = await startEndpoint(({ body }, response) => {
    const isRefused = body.includes('"unknown"') && !accepts.unknown;
    response.writeHead(isRefused ? 422 : 204).end(isRefused ? 'no such match' : '');
  });
  catalog = await catalogFolders(
    {
      'game-server': { ...gameServer, endpoint: game.url },
      matches: { ...audit, name: 'matches', eventTypes: [matchEnded.type], endpoint: matches.url, parallelism: 4, secret: 'game-server' },
    },
    { 'match-ended': matchEnded },
  );
  await cdk('bootstrap', 'aws://000000000000/us-east-1', '--output', join(folder, 'bootstrap'));
  const said = await deploy('--all');
  const deployed = said.split('\n').filter((line) => line.includes('✅'));
  expect(deployed.length, said).toBe(services.length + 3);
  await new SecretsManagerClient(client()).send(new CreateSecretCommand({ Name: 'game-server', SecretString: secret }));
  // As the README says: SES sends from a verified address only.
  await new SESv2Client(client()).send(new CreateEmailIdentityCommand({ EmailIdentity: sender }));
  const ssm = new SSMClient(client());
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/loginward/dev/api/id' }));
  api = apiClient(`${engine.url}/_aws/execute-api/${Parameter?.Value}/$default`);
});
afterAll(async () => {
  await engine?.stop();
  game?.stop();
  await matches?.close();
  await catalog?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** How the test itself reaches the engine. */
const client = () => ({ endpoint: engine.url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });

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

  it('joins an endpoint in another language: what the player chose is done there, and the history shows it', async () => {
    const tables = DynamoDBDocumentClient.from(new DynamoDBClient(client()));
    const previous = { homeCountries: ['KR'], responses: defaultResponses, trips: [] };
    const chosen = { ...previous, responses: { ...defaultResponses, login_abroad: ['kick' as const] } };
    // Players' tokens come from an issuer that the engine cannot reach; this is what the route would keep.
    const version = { ...chosen, version: 1, since: new Date(Date.now() - 60_000).toISOString(), announced: true, previous };
    await settingsStore(tables, 'loginward-dev-security-settings', previous, randomUUID).add('ben', version);
    expect((await api.signed('/v1/logins', { body: { accountId: 'ben', ip: '8.8.8.8' } })).status).toBe(202);
    const [item] = await historyWhen('ben', ([newest]) => newest?.verdict?.actions?.some(({ response, outcome }) => response === 'kick' && outcome !== undefined) ?? false);
    expect(item?.verdict?.actions).toContainEqual({ response: 'kick', outcome: 'done' });
    expect(game.said()).toContain('ben is kicked');
  });

  it('says in words what a merge of subscriptions would change', async () => {
    const plan = (subscriptions: readonly string[]) =>
      tool('subscriptions-plan', '--subscriptions', subscriptions.join(','), '--event-types', catalog.eventTypes.join(','), '--endpoint-networks', '127.0.0.0/8');
    expect(await plan(catalog.subscriptions)).toBe('Nothing changes.\n');
    const changed = await catalogFolders({ 'game-server': { ...gameServer, endpoint: game.url, paused: true } });
    const lines = (await plan(changed.subscriptions)).trim().split('\n');
    expect(lines).toEqual([expect.stringMatching(/^~ pauses game-server/), expect.stringMatching(/^- removes matches/)]);
    await changed.remove();
  });

  it('keeps what an endpoint refuses, and brings it back by `npm run dlq`', async () => {
    const id = '0b7a2f4e-5d3c-4f7b-9a61-2c9d8e1f0a35';
    const event = { specversion: '1.0', id, source: 'matches', type: matchEnded.type, subject: 'ben', time: new Date().toISOString(), data: { matchId: 'unknown' } };
    expect((await api.signed('/v1/events', { body: event, headers: { 'content-type': 'application/cloudevents+json' } })).status).toBe(202);
    const queue = 'loginward-dev-http-bridge-matches-dead-letters';
    while (!/^http-bridge-matches +1 /m.test(await tool('dlq', 'list'))) await delay(500);
    const [, shown = ''] = (await tool('dlq', 'show', 'http-bridge-matches', '--words')).split('\n');
    expect(shown.split(/ {2,}/)).toEqual([matchEnded.type, id, 'status 422: no such match']);
    accepts.unknown = true;
    const before = matches.got.length;
    let said = '';
    // SQS counts what there is with some delay.
    while (!said.includes(`1 messages of ${queue}`)) said = await tool('dlq', 'redrive', queue);
    while (matches.got.length === before) await delay(250);
    expect(matches.got.at(-1)?.headers['webhook-id']).toBe(id);
    expect(await tool('dlq', 'list')).toMatch(/^http-bridge-matches +0 /m);

    const { Parameter } = await new SSMClient(client()).send(new GetParameterCommand({ Name: '/loginward/dev/http-bridge/backlog' }));
    const held = [{ body: JSON.stringify({ ...event, id: 'match-2' }), heldSince: event.time, refusals: 0 }];
    const object = { Bucket: Parameter?.Value, Key: `expired/matches/${event.time}_x.json`, Body: JSON.stringify(held) };
    await new S3Client(client()).send(new PutObjectCommand(object));
    expect(await tool('dlq', 'list')).toMatch(/^matches +1 +batches put aside/m);
    expect(await tool('dlq', 'restore', 'matches')).toContain('1 events of matches are on their way again.');
    while (matches.got.at(-1)?.headers['webhook-id'] !== 'match-2') await delay(250);
    expect(await tool('dlq', 'list')).not.toContain('put aside');
  });

  it('deploys one stack alone, and leaves a stack that did not change as it is', async () => {
    const said = await deploy('loginward-dev-ip-checker', '--exclusively');
    expect(said).toMatch(/loginward-dev-ip-checker.*\(no changes\)/);
    expect(said).not.toContain('loginward-dev-bus');
  });
});

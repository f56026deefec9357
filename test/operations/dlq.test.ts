import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsAt } from '../../bin/aws.ts';
import { parametersBelow } from '../../bin/deployed.ts';
import { localCredentials, operatorsPath } from '../../local/credentials.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { eventOf } from '../support/logins.ts';

const root = join(import.meta.dirname, '..', '..');
const secret = 'ann@example.com';
const queue = (name: string): string => `loginward-local-password-campaign-${name}`;
const uuid = (count: number): string => `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
const changed = (id: string): string => JSON.stringify({ ...eventOf('password.changed', 'ann', { changedAt: '2026-11-20T00:00:00.000Z' }), id });

let chain: LocalChain;
beforeAll(async () => {
  chain = await startLocalChain();
});
afterAll(() => chain.remove());

/** `npm run dlq -- …` against the local run. @returns columns of each line */
async function dlq(...args: string[]): Promise<string[][]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['bin/dlq.ts', ...args, '--local', chain.local.url, '--log', join(chain.data, 'discarded.jsonl')], { cwd: root });
  expect(stdout).not.toContain(secret);
  return stdout.trim().split('\n').map((line) => line.split(/ {2,}/));
}

const pile = async (name: string): Promise<string[] | undefined> => (await dlq('list')).find(([first]) => first === name);

describe('npm run dlq against the local run', () => {
  it('lists, shows and gives back what was parked, one event or all', async () => {
    chain.local.send(queue('queue'), `{"id":"${secret}"`);
    await chain.settled();
    for (const id of [uuid(1), 'second']) chain.local.send(queue('dead-letters'), changed(id));
    expect((await pile('password-campaign'))?.slice(0, 3)).toEqual(['password-campaign', '3', 'parked']);
    const shown = await dlq('show', 'password-campaign');
    expect(shown.slice(1).map(([type, , reason]) => [type, reason])).toEqual([
      ['not an event', 'not JSON'],
      ['loginward.password.changed.v1', 'received too often'],
      ['loginward.password.changed.v1', 'received too often'],
    ]);
    const ids = shown.slice(1).map(([, id = '']) => id);
    expect(ids[1]).toBe(uuid(1));
    expect(ids[2]).not.toBe('second');
    expect(await dlq('redrive', 'password-campaign', '--id', ids[2] ?? '')).toEqual([[`1 messages of ${queue('dead-letters')} are on their way again.`]]);
    await dlq('redrive', queue('dead-letters'), '--only', 'loginward.password.changed.v1');
    await chain.settled();
    expect(chain.local.peek(queue('dead-letters'))).toHaveLength(1);

    expect((await dlq('discard', 'password-campaign', '--dry-run'))[0]).toEqual(['Would discard 1 event of password-campaign.']);
    await expect(dlq('discard', 'password-campaign')).rejects.toMatchObject({ code: 2 });
    expect(chain.local.peek(queue('dead-letters'))).toHaveLength(1);
    await dlq('discard', 'password-campaign', '--reason', 'sent by hand');
    expect(chain.local.peek(queue('dead-letters'))).toEqual([]);
    const record = JSON.parse(await readFile(join(chain.data, 'discarded.jsonl'), 'utf8')) as object;
    expect(record).toMatchObject({ env: 'local', from: 'password-campaign', reason: 'sent by hand', events: [{ type: 'not an event', reason: 'not JSON' }] });
  });

  it('gives back what waited too long for an endpoint', async () => {
    const { s3, ssm } = awsAt(chain.local.url);
    const bucket = (await parametersBelow('/loginward/local', ssm)).get('/loginward/local/http-bridge/backlog');
    const held = [uuid(1), 'b', 'c'].map((id) => ({ body: changed(id), heldSince: '2026-11-01T00:00:00.000Z', refusals: 0 }));
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'expired/sample-game-server/2026-11-01T00:00:00.000Z_x.json', Body: JSON.stringify(held) }));
    expect((await pile('sample-game-server'))?.[2]).toBe('batches put aside');
    const idsAside = async () => (await dlq('show', 'sample-game-server', '--aside')).slice(1).map(([, id = '']) => id);
    const ids = await idsAside();
    expect([ids[0], ids.length]).toEqual([uuid(1), 3]);
    await dlq('discard', 'sample-game-server', '--aside', '--id', uuid(1), '--reason', 'an old one');
    // What is shown of an event stays when its neighbours go.
    expect(await idsAside()).toEqual(ids.slice(1));
    await dlq('discard', 'sample-game-server', '--aside', '--id', ids[1] ?? '', '--reason', 'another');
    expect(await idsAside()).toEqual(ids.slice(2));
    expect(await dlq('restore', 'sample-game-server')).toEqual([['1 events of sample-game-server are on their way again.']]);
    expect(await pile('sample-game-server')).toBeUndefined();
  });

  it('answers nobody without the credentials, and no page of another site', async () => {
    const call = (headers: Record<string, string>) => fetch(`${chain.local.url}${operatorsPath}/`, { method: 'POST', headers: { 'x-amz-target': 'AmazonSQS.ListQueues', ...headers }, body: '{}' });
    expect((await call({})).status).toBe(403);
    const wrong = new AwsClient({ ...localCredentials, secretAccessKey: 'other', region: 'us-east-1', service: 'sqs', retries: 0 });
    expect((await wrong.fetch(`${chain.local.url}${operatorsPath}/`, { method: 'POST', body: '{}' })).status).toBe(403);
  });
});

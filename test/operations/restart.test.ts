import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../local/assembly.ts';
import { startLocalChain } from '../support/local-chain.ts';

const root = join(import.meta.dirname, '..', '..');

/** Runs the command as a user does, until it ends. */
async function command(args: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  const run = spawn(process.execPath, ['bin/local.ts', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, error, [code]] = await Promise.all([text(run.stdout), text(run.stderr), once(run, 'exit') as Promise<[number]>]);
  return { code, out, error };
}

describe('the state under --data', () => {
  let folder: string;
  let assembly: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loginward-assembly-'));
    assembly = await synthesize({}, folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('survives a stop and a start: history, settings, messages, tokens', async () => {
    const before = await startLocalChain({ assembly });
    const { data } = before;
    const { body } = await before.api.plain('/local/tokens', { body: { accountId: 'ann' } });
    await before.api.signed('/v1/logins', { body: { accountId: 'ann', ip: '8.8.8.8', id: '1', occurredAt: new Date(Date.now() - 1000).toISOString() } });
    await before.settled();
    const { items } = (await before.api.signed('/v1/accounts/ann/logins')).body;
    expect(items).toHaveLength(1);
    await before.stop();

    const after = await startLocalChain({ assembly, data });
    try {
      const mine = await after.api.plain('/v1/me/logins', { headers: { authorization: `Bearer ${body.token}` } });
      expect(mine.body.items).toEqual(items);
    } finally {
      await after.remove();
    }
  });

  it('goes on with what was under way', async () => {
    const before = await startLocalChain({ assembly });
    const { data } = before;
    const posted = Array.from({ length: 100 }, (_, index) => ({ accountId: 'busy', ip: '8.8.8.8', id: `${index}` }));
    expect((await before.api.signed('/v1/logins', { body: posted })).status).toBe(202);
    await before.stop();
    const after = await startLocalChain({ assembly, data });
    try {
      await after.settled();
      expect((await after.api.signed('/v1/accounts/busy/logins?limit=100')).body.items).toHaveLength(100);
    } finally {
      await after.remove();
    }
  });

  it('belongs to one run at a time', async () => {
    const chain = await startLocalChain({ assembly });
    try {
      await expect(startLocalChain({ assembly, data: chain.data })).rejects.toThrow(/give this one a folder of its own by --data/);
      expect((await chain.api.plain('/local/idle')).status).toBe(200);
    } finally {
      await chain.remove();
    }
  });
});

describe('the command', () => {
  it.each([
    [['--help'], 0, /--home-countries KR/, /^$/],
    [['--port', 'x'], 2, /^$/, /--port must be a whole number/],
    [['--nonsense'], 2, /^$/, /--nonsense/],
    [['--bus', 'carrier-pigeon'], 2, /^$/, /--bus must be sns or kafka/],
    [['--bus', 'kafka'], 2, /^$/, /needs --brokers.*npm run kafka/],
    [['--bus', 'kafka', '--brokers', 'nonsense'], 2, /^$/, /--brokers: nonsense is no broker/],
    [['--bus', 'kafka', '--brokers', 'kafka.example.com:9092'], 2, /^$/, /only brokers on loopback/],
    [['--bus', 'kafka', '--brokers', '127.0.0.1:1'], 1, /Connecting/, /No Kafka answers at 127\.0\.0\.1:1.*npm run kafka/],
    [['--home-countries', 'KR,XX'], 2, /^$/, /XX is not an ISO 3166-1/],
    [['--geo-database', 'missing.mmdb'], 2, /^$/, /missing\.mmdb does not exist/],
  ])('%j', async (args, wanted, out, error) => {
    const result = await command(args);
    expect(result.code).toBe(wanted);
    expect(result.out).toMatch(out);
    expect(result.error).toMatch(error);
  });

  it('says which port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const data = await mkdtemp(join(tmpdir(), 'loginward-port-'));
    const { code, error } = await command(['--port', String(port), '--data', data]);
    expect(code).toBe(1);
    expect(error).toContain(`Port ${port} is in use.`);
    server.close();
    await rm(data, { recursive: true, force: true });
  });

  it('prints progress and one line when it is ready, and stops cleanly on Ctrl-C', async () => {
    const data = await mkdtemp(join(tmpdir(), 'loginward-command-'));
    const run = spawn(process.execPath, ['bin/local.ts', '--port', '0', '--data', data], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    await new Promise<void>((resolve) => {
      run.stdout.on('data', (chunk) => {
        out += String(chunk);
        if (out.includes('Loginward is ready at')) resolve();
      });
    });
    expect(out).toMatch(/^Loginward is ready at http:\/\/127\.0\.0\.1:\d+$/m);
    expect(out.split('\n').length).toBeGreaterThan(3);
    run.kill('SIGINT');
    const [code] = (await once(run, 'exit')) as [number];
    expect(code).toBe(0);
    await rm(data, { recursive: true, force: true });
  });

  it('runs on Node 24', () => {
    expect(process.versions.node.split('.')[0]).toBe('24');
  });
});

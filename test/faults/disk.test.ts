import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import { type ApiClient, apiClient } from '../support/local-client.ts';
import { wholeHistory } from '../support/whole-history.ts';
import { each } from '../support/work.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

const accounts = 5;
/** Longer than a function may take to answer, in milliseconds. */
const longest = 20_000;

/** A local run on the small disk, as `npm start` would run it. */
interface Run {
  readonly process: ChildProcess;
  readonly api: ApiClient | undefined;
  readonly errors: string[];
}

async function start(disk: SmallDisk): Promise<Run> {
  const run = disk.node('bin/local.ts', '--port', '0', '--data', join(disk.folder, 'data'));
  const errors: string[] = [];
  if (!run.stdout || !run.stderr) throw new Error('It has no output.');
  createInterface({ input: run.stderr }).on('line', (line) => errors.push(line));
  for await (const line of createInterface({ input: run.stdout })) {
    const url = /^Loginward is ready at (\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    run.stdout.resume();
    return { process: run, api: apiClient(url), errors };
  }
  if (run.exitCode === null) await once(run, 'close');
  return { process: run, api: undefined, errors };
}

async function stop(run: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  run.kill(signal);
  if (run.exitCode === null && run.signalCode === null) await once(run, 'exit');
}

describe('a full disk under the local run', () => {
  let disk: SmallDisk;
  let run: Run;
  const confirmed = new Set<string>();
  let posted = 0;
  const api = (): ApiClient => run.api as ApiClient;

  /** Posts ten logins. @returns the answer's status, and how long to wait before the next time */
  const post = async (): Promise<{ status: number; retryAfter: string | null }> => {
    const occurredAt = new Date().toISOString();
    const body = Array.from({ length: 10 }, () => ({ accountId: `player-${posted % accounts}`, ip: '8.8.8.8', id: `login-${(posted += 1)}`, occurredAt }));
    const begin = performance.now();
    const answer = await api().signed('/v1/logins', { body });
    expect(performance.now() - begin).toBeLessThan(longest);
    if (answer.status === 202) for (const { id } of answer.body.results) confirmed.add(id);
    return { status: answer.status, retryAfter: answer.headers.get('retry-after') };
  };
  const postUntil = async (status: number): Promise<Awaited<ReturnType<typeof post>>[]> => {
    const answers = [await post()];
    for (const end = performance.now() + 60_000; answers.at(-1)?.status !== status && performance.now() < end; await delay(200)) answers.push(await post());
    expect(answers.at(-1)?.status).toBe(status);
    return answers;
  };
  /** Writes to a table, without a queue between, until that answers as it should. */
  const chooseUntil = async (isRight: (status: number) => boolean): Promise<void> => {
    const end = performance.now() + 60_000;
    for (let home = 'JP'; ; home = home === 'JP' ? 'US' : 'JP') {
      const body = { homeCountries: ['KR', home], responses: defaultResponses };
      const { status } = await api().asPlayer('chooser', '/v1/me/security-settings', { method: 'PUT', body, amr: ['otp'] });
      if (isRight(status)) return;
      expect(performance.now(), `answered ${status}`).toBeLessThan(end);
    }
  };
  const settled = async (): Promise<void> => {
    for (const end = performance.now() + 240_000; (await api().plain('/local/idle')).status !== 200; await delay(250)) {
      if (performance.now() > end) throw new Error(`It did not go on: ${run.errors.slice(-5).join('\n')}`);
    }
  };
  const checkHistories = async (): Promise<void> => {
    await settled();
    const entries: string[] = [];
    await each(Array.from({ length: accounts }, (_, index) => `player-${index}`), 2, async (account) => {
      entries.push(...(await wholeHistory(api(), account)).map(({ id }) => id));
    });
    expect(entries.length).toBe(new Set(entries).size);
    expect([...confirmed].filter((id) => !entries.includes(id))).toEqual([]);
  };

  beforeAll(async () => {
    disk = await mountSmallDisk(256);
    run = await start(disk);
    expect(run.errors).toEqual([]);
  }, 300_000);
  afterAll(async () => {
    await stop(run.process, 'SIGTERM');
    await disk.remove();
  }, 300_000);

  it('answers 503 with Retry-After, says what to do, and goes on by itself once there is space', async () => {
    for (let times = 0; times < 10; times += 1) expect((await post()).status).toBe(202);
    disk.fill();
    const answers = await postUntil(503);
    for (let times = 0; times < 20; times += 1) answers.push(await post());
    for (const { status, retryAfter } of answers.filter((answer) => answer.status !== 202)) expect([status, retryAfter]).toEqual([503, '5']);
    expect(run.errors.join('\n')).toMatch(/^The disk of \S+ is full: .*Make space on it, and it goes on by itself\.$/m);
    // A table that could not be written is opened anew.
    await chooseUntil((status) => status >= 500);
    disk.free();
    await chooseUntil((status) => status === 200);
    await postUntil(202);
    await checkHistories();
    expect(run.process.exitCode).toBeNull();
  });

  it('loses nothing when it is killed on the full disk; refuses to start there, and says why; and has it all once there is space', async () => {
    for (let times = 0; times < 10; times += 1) expect((await post()).status).toBe(202);
    disk.fill();
    await postUntil(503);
    await stop(run.process, 'SIGKILL');
    const refused = await start(disk);
    expect(refused.api).toBeUndefined();
    expect(refused.process.exitCode).toBe(1);
    expect(refused.errors).toEqual([expect.stringMatching(/^The disk of \S+ is full\. Make space on it, or give this run a folder on another one by --data\.$/)]);
    disk.free();
    run = await start(disk);
    await postUntil(202);
    await checkHistories();
    console.log(`disk: ${posted} logins posted, ${confirmed.size} confirmed, all in the history once`);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import { defaultResponses } from '../lambdas/contracts/settings.ts';
import { services } from '../lib/services.ts';
import { region } from '../local/cloudformation.ts';
import { localCredentials } from '../local/credentials.ts';
import { startLocal } from '../local/run.ts';
import type { Benchmark, Section, Tools } from './report.ts';

const posted = 60;
const apartMilliseconds = 700;
/** What is allowed beyond the batching windows on the way. */
const slackSeconds = 1;
/** The services between a login and its lock. */
const way = ['ip-checker', 'login-logger', 'account-security', 'account-standing'];

/**
 * How long it takes from the 202 of a login abroad until access checks deny, in an idle local run: one login after the other, each of an
 * account of its own that chose `lock`.
 */
export const locks: Benchmark = { name: 'locks', about: 'how soon a login abroad locks', run: measure };

async function measure({ progress }: Tools): Promise<readonly Section[]> {
  const windows = services.filter(({ name }) => way.includes(name)).reduce((sum, { consumer }) => sum + (consumer?.batchingWindowSeconds ?? 0), 0);
  const promised = windows + slackSeconds;
  const data = await mkdtemp(join(tmpdir(), 'loginward-bench-'));
  const local = await startLocal({ port: 0, data });
  const aws = new AwsClient({ ...localCredentials, region, service: 'execute-api' });
  const post = (path: string, body: object) =>
    aws.fetch(`${local.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  const choose = async (accountId: string): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const { token } = (await (await fetch(`${local.url}/local/tokens`, { method: 'POST', headers, body: JSON.stringify({ accountId }) })).json()) as { token: string };
    const body = JSON.stringify({ homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad: ['email', 'lock'] } });
    const { status } = await fetch(`${local.url}/v1/me/security-settings`, { method: 'PUT', headers: { ...headers, authorization: `Bearer ${token}` }, body });
    if (status !== 200) throw new Error(`The settings answered ${status}.`);
  };

  const secondsToLock = async (accountId: string): Promise<number> => {
    const { status } = await post('/v1/logins', { accountId, ip: '8.8.8.8' });
    if (status !== 202) throw new Error(`A login answered ${status}.`);
    const start = performance.now();
    for (;;) {
      const { decision } = (await (await post('/v1/access-checks', { accountId, ip: '1.201.1.1' })).json()) as { decision: string };
      if (decision === 'deny') return (performance.now() - start) / 1000;
      await delay(20);
    }
  };

  try {
    const accounts = Array.from({ length: posted }, (_, index) => `locked-${index}`);
    progress('the accounts choose');
    for (const account of accounts) await choose(account);
    // One goes ahead, so that every function has started.
    await choose('ahead');
    await secondsToLock('ahead');
    await local.whenIdle();
    progress(`${posted} logins`);
    const measured: Promise<number>[] = [];
    for (const account of accounts) {
      measured.push(secondsToLock(account));
      await delay(apartMilliseconds);
    }
    const seconds = (await Promise.all(measured)).toSorted((a, b) => a - b);
    const at = (share: number): number => seconds[Math.min(seconds.length - 1, Math.ceil(share * seconds.length) - 1)] ?? Number.NaN;
    return [
      {
        title: 'How soon a login abroad locks',
        text: `From the 202 of a login abroad to access checks that deny, in an idle local run; ${posted} logins, one each ${apartMilliseconds} ms. The batching windows on the way are ${windows} s.`,
        columns: ['', 'seconds'],
        rows: [['p50', at(0.5).toFixed(2)], ['p99', at(0.99).toFixed(2)]],
        promises: [
          { what: 'from a login abroad to its lock, p99', limit: `at most the batching windows and ${slackSeconds} s, ${promised} s`, measured: `${at(0.99).toFixed(2)} s`, isKept: at(0.99) <= promised },
        ],
      },
    ];
  } finally {
    await local.close();
    await rm(data, { recursive: true, force: true });
  }
}

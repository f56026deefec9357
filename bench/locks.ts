import { setTimeout as delay } from 'node:timers/promises';
import { defaultResponses } from '../lambdas/contracts/settings.ts';
import { services } from '../lib/services.ts';
import type { LocalRun } from '../local/run.ts';
import { apiClient } from '../test/support/local-client.ts';
import { withChain } from './chain.ts';
import { percentile, sum } from './figures.ts';
import { addressAbroad, homeAddress } from './load.ts';
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
  const windows = sum(services.filter(({ name }) => way.includes(name)).map(({ consumer }) => consumer?.batchingWindowSeconds ?? 0));
  const promised = windows + slackSeconds;
  const seconds = await withChain({}, ({ local }) => secondsToLocks(local, progress));
  const [p50, p99] = [percentile(seconds, 50), percentile(seconds, 99)];
  return [
    {
      title: 'How soon a login abroad locks',
      text: `From the 202 of a login abroad to access checks that deny, in an idle local run; ${posted} logins, one each ${apartMilliseconds} ms. The batching windows on the way are ${windows} s.`,
      columns: ['', 'seconds'],
      rows: [['p50', p50.toFixed(2)], ['p99', p99.toFixed(2)]],
      promises: [{ what: 'from a login abroad to its lock, p99', limit: `at most the batching windows and ${slackSeconds} s, ${promised} s`, measured: `${p99.toFixed(2)} s`, isKept: p99 <= promised }],
    },
  ];
}

async function secondsToLocks(local: LocalRun, progress: Tools['progress']): Promise<number[]> {
  const api = apiClient(local.url);
  const choose = async (accountId: string): Promise<void> => {
    const { status } = await api.asPlayer(accountId, '/v1/me/security-settings', { method: 'PUT', body: { homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad: ['email', 'lock'] } } });
    if (status !== 200) throw new Error(`The settings answered ${status}.`);
  };
  const secondsToLock = async (accountId: string): Promise<number> => {
    const { status } = await api.signed('/v1/logins', { body: { accountId, ip: addressAbroad } });
    if (status !== 202) throw new Error(`A login answered ${status}.`);
    const start = performance.now();
    for (;;) {
      const { body } = await api.signed('/v1/access-checks', { body: { accountId, ip: homeAddress } });
      if (body.decision === 'deny') return (performance.now() - start) / 1000;
      await delay(20);
    }
  };
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
  return Promise.all(measured);
}

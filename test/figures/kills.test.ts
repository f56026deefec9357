import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { services } from '../../lib/services.ts';
import { randomOf } from '../../local/sample/random.ts';
import { accountOf, accounts, addContacts, checkHistories, checkLocks, choosePlayers, count, countUnknown, logins, postUntilConfirmed } from '../support/heavy-load.ts';
import { startLocalChain } from '../support/local-chain.ts';
import { apiClient } from '../support/local-client.ts';
import { startProcess } from '../support/local-process.ts';
import { chunks, each } from '../support/work.ts';

const killsEach = 20;

it('nothing lost or doubled while each function is killed 20 times and more', async () => {
  const chain = await startLocalChain();
  const { local, api } = chain;
  try {
    await addContacts(api);
    const locked = await choosePlayers(api);
    await chain.settled();

    const random = randomOf(17);
    // The http-bridge has a figure of its own; nobody here chose a response that it carries. The canary works once a minute only.
    const kills = new Map(local.functions.filter((name) => !/-(http-bridge|canary)-/.test(name)).map((name) => [name, 0]));
    const enough = () => [...kills.values()].every((times) => times >= killsEach);
    const done = new AbortController();
    const killing = (async () => {
      while (!enough()) {
        const name = random.of([...kills].filter(([, times]) => times < killsEach).map(([key]) => key));
        if (local.kill(name, () => random.below(1000) / 1000)) kills.set(name, (kills.get(name) ?? 0) + 1);
        await delay(10 + random.below(100));
      }
    })();
    // Players and tools read meanwhile, so that the functions that answer them work, too.
    const reading = (async () => {
      while (!done.signal.aborted) {
        const account = accountOf(random.below(accounts));
        await Promise.all([
          api.signed(`/v1/accounts/${account}/logins`).catch(() => undefined),
          api.asPlayer(account, '/v1/me/security-settings').catch(() => undefined),
          api.asPlayer(account, '/v1/me/challenges', { method: 'POST', body: { channel: 'email' } }).catch(() => undefined),
          api.signed('/v1/access-checks', { body: { accountId: account, ip: '8.8.8.8' } }).catch(() => undefined),
          api.signed(`/v1/campaigns/none`).catch(() => undefined),
        ]);
      }
    })();
    const confirmed = new Set<string>();
    const onConfirmed = (ids: string[]) => ids.forEach((id) => confirmed.add(id));
    await each(chunks(logins(count), 10), 4, (body) => postUntilConfirmed(api, body, onConfirmed));
    await killing;
    done.abort();
    await reading;
    await chain.settled();

    expect(confirmed.size).toBe(count);
    const { entries, receipts } = await checkHistories(api, confirmed);
    expect(entries).toBe(count);
    expect(receipts).toBe(Math.ceil(count / 3));
    const expectedLocks = await checkLocks(api, locked);
    for (const { name: service, consumer } of services) {
      if (!consumer) continue;
      expect(local.peek(`loginward-local-${service}-dead-letters`), service).toEqual([]);
      expect(local.peek(`loginward-local-${service}-undelivered`), service).toEqual([]);
    }

    const killed = [...kills.values()].reduce((a, b) => a + b);
    const messages = local.outbox.list();
    const actions = Map.groupBy(messages, ({ actionId }) => actionId);
    const doubled = [...actions.values()].filter((same) => same.length > 1);
    const sms = messages.filter(({ channel }) => channel === 'sms');
    const unknown = await countUnknown(api);
    console.log(
      `nothing lost or doubled: ${count} logins, ${entries} in the history once, ${receipts} receipts once, ${expectedLocks} accounts locked, ${killed} kills `
        + `(at least ${Math.min(...kills.values())} a function); ${sms.length} SMS, 0 twice; ${messages.length - sms.length} e-mails, `
        + `${doubled.length} doubled, ${unknown} actions unknown`,
    );
    expect(new Set(sms.map(({ actionId }) => actionId)).size).toBe(sms.length);
    expect(doubled.length + unknown).toBeLessThanOrEqual(kills.get('loginward-local-notifier-consumer') ?? 0);
  } finally {
    await chain.remove();
  }
});

it('nothing lost when the whole local run is killed in mid-load and started again on the same data', async () => {
  const data = await mkdtemp(join(tmpdir(), 'loginward-kill-'));
  const rounds = 3;
  const confirmed = new Set<string>();
  const all = chunks(logins(count), 10);
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const { process: run, url } = await startProcess('--data', data);
      const api = apiClient(url);
      if (round === rounds) {
        for (let idle = 0; idle !== 200; idle = (await api.plain('/local/idle')).status) await delay(250);
        const { entries } = await checkHistories(api, confirmed);
        console.log(`nothing lost after kill -9 of the whole run: ${rounds} times in mid-load, ${confirmed.size} logins answered 202, all in the history once (${entries} entries)`);
        run.kill('SIGTERM');
        await once(run, 'exit');
        break;
      }
      // Half a second into the load, with requests, queues and functions at work.
      const killAt = confirmed.size + 1000 + round * 500;
      await each(all.slice(round * 300, (round + 1) * 300), 4, async (body) => {
        if (run.killed) return;
        const answer = await api.signed('/v1/logins', { body }).catch(() => undefined);
        if (answer?.status === 202) for (const { id } of answer.body.results) confirmed.add(id);
        if (confirmed.size >= killAt) run.kill('SIGKILL');
      });
      expect(run.killed).toBe(true);
      if (run.exitCode === null && run.signalCode === null) await once(run, 'exit');
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});

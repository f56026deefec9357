import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { services } from '../../lib/services.ts';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import { randomOf } from '../../local/sample/random.ts';
import { addresses } from '../chain/suite.ts';
import type { Answer } from '../support/local-client.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { wholeHistory } from '../support/whole-history.ts';
import { chunks, each } from '../support/work.ts';
import { drained } from './told.ts';

/** A minute of CloudWatch in the run, in milliseconds; longer than an access check takes until it fails, so that there is one in each. */
const minuteMilliseconds = 5000;
/** As long as API Gateway and the function let a caller wait at most. */
const longest = 12_000;
const players = 10;
const playerOf = (index: number): string => `player-${index % players}`;

describe('a DynamoDB that is slow', () => {
  let chain: LocalChain;
  let seconds = 0;
  const random = randomOf(29);
  const fired = new Set<string>();
  const posted: string[] = [];
  let calls = 0;

  beforeAll(async () => {
    const before = async (_: string, { service }: { service: string }): Promise<void> => {
      if (service !== 'dynamodb' || seconds === 0) return;
      calls += 1;
      // A fifth less or more.
      await delay(seconds * (800 + random.below(400)));
    };
    chain = await startLocalChain({ minuteMilliseconds, trouble: { before } });
    chain.local.cloudWatch.onChange(({ name, state }) => {
      if (state === 'ALARM') fired.add(name);
    });
    const contacts = Array.from({ length: players }, (_, index) => ({
      specversion: '1.0',
      id: `contact-${index}`,
      source: 'accounts',
      type: 'loginward.contact.changed.v1',
      subject: playerOf(index),
      time: new Date(Date.now() - 80 * 3_600_000).toISOString(),
      data: { email: `${playerOf(index)}@example.com`, phone: `+8210${String(index).padStart(8, '0')}` },
    }));
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    expect((await chain.api.signed('/v1/events', { body: contacts, headers })).status).toBe(202);
    const responses = { ...defaultResponses, login_abroad: ['sms', 'lock'] };
    await each(contacts, 2, async ({ subject }) => {
      expect((await chain.api.asPlayer(subject, '/v1/me/security-settings', { method: 'PUT', body: { homeCountries: ['KR'], responses } })).status).toBe(200);
    });
    await drained(chain);
  }, 300_000);
  afterAll(() => chain.remove(), 60_000);

  /** Posts logins, every second one from abroad. */
  const post = async (count: number): Promise<void> => {
    const from = Date.now();
    const logins = Array.from({ length: count }, (_, index) => ({
      accountId: playerOf(posted.length + index),
      ip: Math.floor((posted.length + index) / players) % 2 === 0 ? addresses.US : addresses.KR,
      id: `login-${posted.length + index}`,
      occurredAt: new Date(from + index).toISOString(),
    }));
    for (const body of chunks(logins, 50)) {
      const answer = await chain.api.signed('/v1/logins', { body });
      expect(answer.status).toBe(202);
      posted.push(...answer.body.results.map(({ id }: { id: string }) => id));
    }
  };
  const check = async (): Promise<Answer> => {
    const begin = performance.now();
    const answer = await chain.api.signed('/v1/access-checks', { body: { accountId: 'player-0', ip: addresses.KR } });
    expect(performance.now() - begin).toBeLessThan(longest);
    return answer;
  };
  /** Asks for access until an alarm has fired. @returns the statuses of the answers */
  const checkUntil = async (alarm: string): Promise<Set<number>> => {
    const statuses = new Set<number>();
    for (const end = performance.now() + 120_000; ![...fired].some((name) => name.endsWith(alarm)); statuses.add((await check()).status)) {
      if (performance.now() > end) throw new Error(`${alarm} did not fire; fired: ${[...fired].join(', ')}`);
    }
    return statuses;
  };
  /** Compares what the players have with what was posted, once the tables are fast again. */
  const checkAll = async (): Promise<void> => {
    seconds = 0;
    await drained(chain);
    for (const { name } of services.filter(({ consumer }) => consumer)) expect(chain.local.peek(`loginward-local-${name}-dead-letters`), name).toEqual([]);
    const entries: string[] = [];
    await each(Array.from({ length: players }, (_, index) => playerOf(index)), 2, async (player) => {
      const items = await wholeHistory(chain.api, player);
      entries.push(...items.map(({ id }) => id));
      expect(items.filter(({ country, verdict }) => (country === 'US') !== (verdict?.triggers.includes('login_abroad') ?? false))).toEqual([]);
      expect((await chain.api.signed(`/v1/accounts/${player}/standing`)).body.state).toBe('locked');
    });
    expect(entries.toSorted()).toEqual(posted.toSorted());
    const sms = chain.local.outbox.list().filter(({ channel }) => channel === 'sms').map(({ actionId, to }) => `${actionId} ${to}`);
    expect(sms.toSorted()).toEqual([...new Set(sms)].toSorted());
  };

  it('200 ms a call: all goes its way, and access checks are answered', async () => {
    seconds = 0.2;
    await post(40);
    expect((await check()).status).toBe(200);
    await drained(chain);
    await checkAll();
    expect(calls).toBeGreaterThan(100);
  });

  it('1.1 to 1.7 s a call, which the clients just bear: access checks are answered, slowly, and say so, and all drains afterwards', async () => {
    seconds = 1.4;
    fired.clear();
    await post(40);
    expect([...(await checkUntil('access-checks-slow'))]).toEqual([200]);
    await checkAll();
  });

  it('more than the clients bear: access checks fail in time, alarms fire, and all drains afterwards', async () => {
    seconds = 3;
    fired.clear();
    await post(20);
    const statuses = await checkUntil('access-checks-failing');
    expect([...statuses].filter((status) => status !== 200)).toEqual([500]);
    await checkUntil('login-logger-behind');
    seconds = 0;
    await checkAll();
    expect((await check()).status).toBe(200);
    console.log(`slow tables: ${posted.length} logins in the history once, through ${calls} slow calls`);
  });
});

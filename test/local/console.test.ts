import { describe, expect, it } from 'vitest';
import { canaryAccount } from '../../lambdas/contracts/metrics.ts';
import type { EventName } from '../../lambdas/contracts/names.ts';
import { services } from '../../lib/services.ts';
import { openTap } from '../../local/console/tap.ts';
import { columnsOf, hopsOf } from '../../local/console/way.ts';
import { eventOf } from '../../local/kafka/records.ts';
import type { KafkaMapping } from '../../local/model.ts';

const minute = 60_000;

describe('the console listens to the bus', () => {
  const located = (loginId: string, subject = 'ann') =>
    JSON.stringify({ subject, data: { loginId, ip: '203.0.113.7', country: 'US', occurredAt: '2026-11-21T09:30:00Z', outcome: 'success' } });
  const decided = (loginId: string, revision: number, triggers: string[]) =>
    JSON.stringify({ subject: 'ann', data: { loginId, revision, triggers, responses: ['email'], actions: [{ actionId: 'a1', response: 'email' }] } });

  it('shows the newest logins first, each once, with the newest verdict and how its actions ended', () => {
    const tap = openTap((event) => event, Date.now);
    tap.published('login.located', [located('one'), located('two'), located('one')]);
    tap.published('verdict.decided', [decided('one', 2, ['new_country']), decided('one', 1, ['login_abroad'])]);
    tap.published('action.completed', [JSON.stringify({ subject: 'ann', data: { actionId: 'a1', outcome: 'done' } })]);

    expect(tap.logins(10)).toMatchObject([
      { loginId: 'one', accountId: 'ann', country: 'US', verdict: { triggers: ['new_country'], actions: [{ response: 'email', outcome: 'done' }] } },
      { loginId: 'two', verdict: null },
    ]);
    expect(tap.logins(1)).toHaveLength(1);
  });

  it('keeps addresses to itself', () => {
    const tap = openTap((event) => event, Date.now);
    tap.published('login.located', [located('one')]);
    expect(JSON.stringify(tap.logins(10))).not.toContain('203.0.113.7');
  });

  it('counts the events of the last minutes, and not the canary', () => {
    let now = 0;
    const tap = openTap((event) => event, () => now);
    tap.published('login.submitted', ['{}', '{}']);
    now = 10 * minute;
    tap.published('login.submitted', ['{}', `{"subject":"${canaryAccount}"}`]);
    expect([tap.count('login.submitted', 5), tap.count('login.submitted', 15), tap.count('login.located', 15)]).toEqual([1, 3, 0]);
    now = 25 * 60 * minute;
    tap.published('login.submitted', ['{}']);
    expect(tap.count('login.submitted', 26 * 60)).toBe(1);
  });

  it('counts a record of Kafka once, however many groups read it and however often', () => {
    const tap = openTap((event) => event, Date.now);
    const mapping = { clusterArn: 'arn', topic: 'login.located' } as KafkaMapping;
    const read = (...offsets: number[]) =>
      tap.invoked(eventOf(mapping, '', 0, offsets.map((offset) => ({ offset, message: { key: Buffer.from('ann'), value: Buffer.from(located(`login-${offset}`)), timestamp: '0', attributes: 0, offset: String(offset), headers: {} } }))));
    read(4, 5);
    read(4, 5);
    read(5, 6);
    expect(tap.count('login.located', 1)).toBe(3);
    expect(tap.logins(10).map(({ loginId }) => loginId)).toEqual(['login-6', 'login-5', 'login-4']);
  });
});

describe('the chain as it is drawn', () => {
  it('puts every service behind those whose events it waits for on the way of a login', () => {
    const hops = hopsOf(services);
    const columns = columnsOf(services, hops, ['action.requested']);
    const inOrder = ['publisher', 'ip-checker', 'login-logger', 'account-security', 'notifier', 'account-unlock'];
    expect(inOrder.map((name) => columns.get(name))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(columns.get('password-campaign')).toBe(1);
    expect(columns.get('http-bridge')).toBe(4);
    expect(hops.has('contact.changed' satisfies EventName)).toBe(false);
  });
});

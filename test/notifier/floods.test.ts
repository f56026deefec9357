import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChannelName } from '../../lambdas/contracts/primitives.ts';
import { hashId } from '../../lambdas/runtime/ids.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { type Asked, day, dying, hour, minute, occurredAt, reachable, setUp as setUpWith } from './notifier.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

const setUp = (caps: Parameters<typeof setUpWith>[2] = {}) => setUpWith(database, undefined, caps);

const countries = ['JP', 'US', 'CN', 'DE', 'FR', 'GB', 'VN', 'TH', 'BR', 'RU', 'IN', 'ES'];
const digestUntil = new Date(occurredAt.getTime() + 7 * day).toISOString();
const from = (country: string, more: Asked = {}): Asked => ({ country, text: { ko: `${country}에서 로그인했습니다.`, en: `Login from ${country}.` }, ...more });

/** A change of settings that is told on the channels that were chosen before. */
const byChannel = (...chosen: ChannelName[]) => {
  const protection = { homeCountries: ['KR'], responses: { login_abroad: chosen, new_country: chosen, unlocated: chosen }, trips: [] };
  return { ...protection, previous: protection };
};

describe('notices that come too late', () => {
  it.each(['sms', 'email'] as const)('of ten countries, asked for by %s, make one digest e-mail and no SMS', async (channel) => {
    const { contact, ask, sent, clock } = setUp();
    await contact(reachable);
    clock.now += 20 * hour;
    for (const country of countries.slice(0, 10)) {
      expect(await ask(channel, from(country, { digestUntil }))).toMatchObject({ outcome: 'stale', detail: 'told in a digest' });
    }
    expect(sent.map((each) => each.channel)).toEqual(['email']);
    expect(sent[0]?.text).toContain('JP에서 로그인했습니다.');
    expect(sent[0]?.text).toContain('오전 9시');
    expect(sent[0]?.text).toContain('로그인 기록');
  });

  it('that come at once make one digest, too', async () => {
    const { contact, outcome, sent, clock } = setUp();
    await contact(reachable);
    clock.now += 20 * hour;
    const all = countries.map((country) => from(country, { digestUntil }));
    await Promise.allSettled(all.map((each) => outcome('sms', each)));
    expect(await Promise.all(all.map((each) => outcome('sms', each)))).toEqual(all.map(() => 'stale'));
    expect(sent).toHaveLength(1);
  });

  it('make one digest for each day (UTC) of sending', async () => {
    const { contact, outcome, sent, clock } = setUp();
    await contact({ ...reachable, locale: 'en' });
    clock.now = Date.parse('2026-11-22T23:59:59Z');
    await outcome('email', from('JP', { digestUntil }));
    clock.now += 1000;
    await outcome('email', from('US', { digestUntil }));
    await outcome('email', from('CN', { digestUntil }));
    expect(sent.map(({ text }) => /Login from (..)\./.exec(text)?.[1])).toEqual(['JP', 'US']);
  });

  it('are stale, and nothing is told, without a digest or after its time', async () => {
    const { contact, ask, sent, clock } = setUp();
    await contact(reachable);
    clock.now = Date.parse(digestUntil) + 1;
    expect(await ask('sms', from('JP'))).toEqual({ actionId: expect.any(String), outcome: 'stale', detail: undefined });
    expect((await ask('sms', from('US', { digestUntil }))).detail).toBeUndefined();
    expect(sent).toEqual([]);
    clock.now -= 1;
    expect((await ask('sms', from('CN', { digestUntil }))).detail).toBe('told in a digest');
  });

  it('wait for a contact as others do, and are told in a digest when it comes', async () => {
    const { contact, outcome, sent, clock } = setUp();
    expect(await outcome('sms', from('JP', { digestUntil }))).toBe('no_contact');
    clock.now += 20 * hour;
    expect(await outcome('sms', from('US', { digestUntil }))).toBe('no_contact');
    await contact({ phone: reachable.phone }, new Date(clock.now));
    expect(sent).toEqual([]);
    const tell = () => contact({ email: reachable.email }, new Date(clock.now + 1000));
    await tell().catch(() => undefined);
    const completed = await tell();
    expect(completed.map(({ data }) => [data.outcome, data.detail])).toEqual(Array.from({ length: 2 }, () => ['stale', 'told in a digest']));
    expect(sent.map((each) => each.channel)).toEqual(['email']);
  });

  it('an SMS whose sender died is unknown, however late that is found', async () => {
    const { contact, outcome, sent, clock, services } = setUp();
    await contact(reachable);
    const { sentLog } = services;
    const replace: typeof sentLog.replace = (...entry) => (sent.length > 0 ? Promise.reject(new Error('killed')) : sentLog.replace(...entry));
    await expect(outcome('sms', { digestUntil }, { ...services, sentLog: { ...sentLog, replace } })).rejects.toThrow('killed');
    clock.now += 20 * hour;
    expect(await outcome('sms', { digestUntil })).toBe('unknown');
    expect(sent).toHaveLength(1);
  });
});

describe('caps', () => {
  const caps = { smsPerAccountAndDay: 10 };

  it('the 11th SMS of an account and day becomes an e-mail', async () => {
    const { contact, ask, idOf, sent, telemetry } = setUp(caps);
    await contact(reachable);
    for (const country of countries.slice(0, 10)) expect(await ask('sms', from(country))).toMatchObject({ outcome: 'done', detail: undefined });
    const eleventh = from(countries[10] ?? '');
    expect(await ask('sms', eleventh)).toMatchObject({ outcome: 'done', detail: 'told by e-mail, past the cap of SMS' });
    expect(await ask('sms', eleventh)).toMatchObject({ outcome: 'done' });
    expect(sent.map(({ channel }) => channel)).toEqual([...Array.from({ length: 10 }, () => 'sms'), 'email']);
    expect(sent.at(-1)?.context.actionId).toBe(idOf('sms', eleventh));
    expect(await ask('email', eleventh)).toMatchObject({ outcome: 'done' });
    expect(sent).toHaveLength(11);
    expect(telemetry.counts.get('NotificationCapped')).toBe(1);
  });

  it.each([
    ['sms', 'email'],
    ['email', 'sms'],
  ] as const)('past it a player who chose both gets one e-mail (%s first)', async (first, second) => {
    const { contact, outcome, sent } = setUp({ smsPerAccountAndDay: 0 });
    await contact(reachable);
    expect([await outcome(first), await outcome(second), await outcome(first)]).toEqual(['done', 'done', 'done']);
    expect(sent.map(({ channel }) => channel)).toEqual(['email']);
  });

  it('start anew each day (UTC), and are of one account', async () => {
    const one = setUp({ smsPerAccountAndDay: 1 });
    await one.contact(reachable);
    const other = setUp({ smsPerAccountAndDay: 1 });
    await other.contact(reachable);
    const staleAfter = new Date(occurredAt.getTime() + 2 * day).toISOString();
    await one.outcome('sms', from('JP', { staleAfter }));
    await one.outcome('sms', from('US', { staleAfter }));
    await other.outcome('sms', from('US', { staleAfter }));
    one.clock.now += day;
    await one.outcome('sms', from('CN', { staleAfter }));
    expect(one.sent.map(({ channel }) => channel)).toEqual(['sms', 'email', 'sms']);
    expect(other.sent.map(({ channel }) => channel)).toEqual(['sms']);
  });

  it('hold for all accounts of the deployment together', async () => {
    const worlds = Array.from({ length: 5 }, () => setUp({ smsPerDay: 3 }));
    const sentBy: string[] = [];
    for (const { contact, outcome, sent, clock } of worlds) {
      // A day of its own: what other tests sent counts for the deployment, too.
      clock.now = Date.parse('2026-12-24T00:00:00Z');
      await contact(reachable);
      expect(await outcome('sms', { occurredAt: '2026-12-24T00:00:00Z', staleAfter: '2026-12-24T01:00:00Z' })).toBe('done');
      sentBy.push(sent[0]?.channel ?? '');
    }
    expect(sentBy).toEqual(['sms', 'sms', 'sms', 'email', 'email']);
  });

  it('past the one of e-mails a digest tells the rest, once', async () => {
    const { contact, ask, sent } = setUp({ emailsPerAccountAndDay: 2 });
    await contact({ ...reachable, locale: 'en' });
    for (const country of countries.slice(0, 6)) expect((await ask('email', from(country))).outcome).toBe('done');
    expect(sent.map(({ text }) => /Login from (..)\./.exec(text)?.[1])).toEqual(['JP', 'US', 'CN']);
    expect(sent[2]?.text).toContain('more logins to your account from abroad than we tell one by one');
    expect((await ask('email', from('ES'))).detail).toBe('told in a digest');
  });

  it('past both, an SMS is told in the digest, too', async () => {
    const { contact, ask, sent } = setUp({ smsPerAccountAndDay: 0, emailsPerAccountAndDay: 0 });
    await contact(reachable);
    expect(await ask('sms')).toMatchObject({ outcome: 'done', detail: 'told in a digest' });
    expect(sent.map(({ channel, subject }) => [channel, subject])).toEqual([['email', '내 계정의 해외 로그인 모음']]);
  });

  it('past them an SMS of a player without e-mail has failed, and says why', async () => {
    const { contact, ask, sent } = setUp({ smsPerAccountAndDay: 0 });
    await contact({ phone: reachable.phone });
    expect(await ask('sms')).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('past the cap') });
    expect(sent).toEqual([]);
  });

  it('do not hold for standing, e-mails of settings, and what is not about a login', async () => {
    const { contact, outcome, settings, standing, sent } = setUp({ smsPerAccountAndDay: 0, smsPerDay: 0, emailsPerAccountAndDay: 0 });
    await contact(reachable);
    await settings(byChannel('email'));
    await standing();
    expect(await outcome('email', { triggers: [] })).toBe('done');
    expect(sent.map(({ channel }) => channel)).toEqual(['email', 'email', 'email']);
    const byPhone = setUp({ smsPerAccountAndDay: 0 });
    await byPhone.contact({ phone: reachable.phone });
    await byPhone.standing();
    expect(byPhone.sent.map(({ channel }) => channel)).toEqual(['sms']);
  });

  it('hold for SMS of settings, too: past them the e-mail tells, once', async () => {
    const { contact, outcome, settings, sent, telemetry } = setUp({ smsPerAccountAndDay: 2 });
    await contact(reachable);
    await outcome('sms');
    for (const version of [1, 2, 3]) await settings(byChannel('sms'), version);
    await settings(byChannel('sms', 'email'), 4);
    expect(sent.map(({ channel }) => channel)).toEqual(['sms', 'sms', 'email', 'email', 'email']);
    expect(telemetry.counts.get('NotificationCapped')).toBe(3);
  });

  it('past them a change of settings is not told to a player without e-mail, and has failed', async () => {
    const { accountId, contact, settings, sent, services } = setUp({ smsPerAccountAndDay: 1 });
    await contact({ phone: reachable.phone });
    for (const version of [1, 2]) await settings(byChannel('sms'), version);
    expect(sent.map(({ channel }) => channel)).toEqual(['sms']);
    expect(await services.sentLog.find(accountId, hashId(accountId, 'settings.changed', '2', 'sms'))).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('past the cap'),
    });
  });

  it('hold for SMS to those without an e-mail', async () => {
    const { contact, ask, sent } = setUp({ smsPerAccountAndDay: 1 });
    await contact({ phone: reachable.phone });
    expect([(await ask('email', from('JP'))).outcome, (await ask('email', from('US'))).outcome]).toEqual(['done', 'failed']);
    expect(sent.map(({ channel }) => channel)).toEqual(['sms']);
  });

  it('count one SMS that both actions of a login ask for at the same moment', async () => {
    const { contact, outcome, sent, telemetry } = setUp({ smsPerAccountAndDay: 3 });
    await contact({ phone: reachable.phone });
    for (const country of countries.slice(0, 3)) {
      expect(await Promise.all([outcome('sms', from(country)), outcome('email', from(country))])).toEqual(['done', 'done']);
    }
    expect(sent).toHaveLength(3);
    expect(telemetry.counts.get('NotificationCapped')).toBeUndefined();
  });

  it('count a message once, however often it is asked for', async () => {
    const { contact, outcome, sent } = setUp({ smsPerAccountAndDay: 2 });
    await contact(reachable);
    for (let times = 0; times < 5; times += 1) await outcome('sms', from('JP'));
    await outcome('sms', from('US'));
    expect(sent.map(({ channel }) => channel)).toEqual(['sms', 'sms']);
  });

  it('are never passed, wherever a crash hits', async () => {
    for (let steps = 0; ; steps += 1) {
      const { contact, outcome, sent, clock, services } = setUp({ smsPerAccountAndDay: 1 });
      await contact(reachable);
      const killed = dying(services, steps);
      await outcome('sms', from('JP'), killed.services).catch(() => undefined);
      clock.now += minute;
      await outcome('sms', from('JP'));
      await outcome('sms', from('US'));
      expect(sent.filter(({ channel }) => channel === 'sms').length, `${steps}`).toBeLessThanOrEqual(1);
      if (!killed.hasDied()) break;
    }
  });
});

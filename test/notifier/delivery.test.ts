import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import { RefusedError } from '../../lambdas/runtime/channels.ts';
import { hashId } from '../../lambdas/runtime/ids.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { reachable, setUp as setUpWith } from './notifier.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

const setUp = (answer?: Parameters<typeof setUpWith>[1]) => setUpWith(database, answer);

describe('a notice', () => {
  it.each(['sms', 'email'] as const)('by %s goes out once, however often it is asked for', async (channel) => {
    const { contact, outcome, sent } = setUp();
    await contact(reachable);
    expect([await outcome(channel), await outcome(channel), await outcome(channel)]).toEqual(['done', 'done', 'done']);
    expect(sent.map(({ to }) => to)).toEqual([channel === 'sms' ? reachable.phone : reachable.email]);
  });

  it("is in the contact's language and time zone, Korean first", async () => {
    const korean = setUp();
    await korean.contact(reachable);
    await korean.outcome('email');
    expect(korean.sent[0]?.text).toContain('일본에서 로그인했습니다.');
    expect(korean.sent[0]?.text).toContain('9시');
    const english = setUp();
    await english.contact({ ...reachable, locale: 'en', timeZone: 'America/New_York' });
    await english.outcome('email');
    expect(english.sent[0]?.text).toMatch(/Nov 20, 2026.*7:00:00.PM.*Login from Japan\./);
  });

  it('to an account without a contact ends as no_contact, and never in an error loop', async () => {
    const { contact, outcome, sent } = setUp();
    expect([await outcome('email'), await outcome('sms'), await outcome('email')]).toEqual(['no_contact', 'no_contact', 'no_contact']);
    await contact({ locale: 'en' });
    expect([await outcome('email'), await outcome('sms')]).toEqual(['no_contact', 'no_contact']);
    expect(sent).toEqual([]);
  });

  it('that found no contact goes out when the contact comes, once, and tells how it ended', async () => {
    const { contact, outcome, sent, clock, idOf } = setUp();
    expect([await outcome('sms'), await outcome('email')]).toEqual(['no_contact', 'no_contact']);
    clock.now += 60_000;
    expect(await contact({ email: 'player@example.com' }, new Date(clock.now))).toEqual(
      expect.arrayContaining([
        { name: 'action.completed', data: { actionId: idOf('email'), outcome: 'done' }, sibling: idOf('email') },
        { name: 'action.completed', data: { actionId: idOf('sms'), outcome: 'done' }, sibling: idOf('sms') },
      ]),
    );
    expect([await outcome('email'), await outcome('sms')]).toEqual(['done', 'done']);
    expect(sent.map(({ to }) => to)).toEqual(['player@example.com']);
  });

  it('that found no contact stays unsent when the contact comes after it was stale', async () => {
    const { contact, outcome, sent, clock } = setUp();
    await outcome('sms');
    clock.now += 3_600_000;
    expect(await contact(reachable, new Date(clock.now))).toEqual([]);
    expect(await outcome('sms')).toBe('no_contact');
    expect(sent).toEqual([]);
  });

  it('goes out, or tells that it had no contact, when the contact comes at the same time', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { contact, outcome, sent } = setUp();
      await Promise.allSettled([outcome('email'), contact(reachable)]);
      expect(sent).toHaveLength(1);
    }
  });

  it('goes to the contact whose event is later, whatever order they came in', async () => {
    const { contact, outcome, sent } = setUp();
    await contact({ email: 'new@example.com' }, new Date('2026-11-10T00:00:00Z'));
    await contact({ email: 'old@example.com' }, new Date('2026-11-09T00:00:00Z'));
    await outcome('email');
    expect(sent[0]?.to).toBe('new@example.com');
  });

  it('that comes too late is stale', async () => {
    const { contact, outcome, clock, sent } = setUp();
    await contact(reachable);
    clock.now += 3_600_000;
    expect(await outcome('sms')).toBe('stale');
    expect(sent).toEqual([]);
  });
});

describe('when a crash or a time-out leaves it unknown whether a notice went out', () => {
  const timedOut = () => new Error('timed out');

  it('an SMS is not risked again, and ends as unknown', async () => {
    const { contact, outcome, sent } = setUp(timedOut);
    await contact(reachable);
    expect([await outcome('sms'), await outcome('sms')]).toEqual(['unknown', 'unknown']);
    expect(sent).toHaveLength(1);
  });

  it('an SMS whose sender died is unknown once its lease has ended, and not before', async () => {
    const { accountId, contact, outcome, sent, clock, services, topic } = setUp();
    await contact(reachable);
    const leaseUntil = new Date(clock.now + 40_000).toISOString();
    await services.sentLog.replace(accountId, hashId(topic, reachable.phone), undefined, { state: 'claimed', leaseUntil, attempts: 1 });
    await expect(outcome('sms')).rejects.toThrow('being sent');
    clock.now += 40_001;
    expect(await outcome('sms')).toBe('unknown');
    expect(sent).toEqual([]);
  });

  it('an SMS that was only reserved, and surely not sent, goes out', async () => {
    const { accountId, contact, outcome, sent, clock, services, topic } = setUp();
    await contact(reachable);
    const leaseUntil = new Date(clock.now + 40_000).toISOString();
    await services.sentLog.replace(accountId, hashId(topic, reachable.phone), undefined, { state: 'claimed', leaseUntil, attempts: 0 });
    await expect(outcome('sms')).rejects.toThrow('being sent');
    clock.now += 40_001;
    expect(await outcome('sms')).toBe('done');
    expect(sent).toHaveLength(1);
  });

  it('an e-mail is sent again', async () => {
    let tries = 0;
    const { contact, outcome, sent } = setUp(() => ((tries += 1) === 1 ? timedOut() : undefined));
    await contact(reachable);
    await expect(outcome('email')).rejects.toThrow('timed out');
    expect(await outcome('email')).toBe('done');
    expect(sent).toHaveLength(2);
  });

  it('an e-mail whose sender died is sent again once its lease has ended, and not before', async () => {
    const { accountId, contact, outcome, sent, clock, services, topic } = setUp();
    await contact(reachable);
    const leaseUntil = new Date(clock.now + 30_000).toISOString();
    await services.sentLog.replace(accountId, hashId(topic, reachable.email), undefined, { state: 'claimed', leaseUntil, attempts: 1 });
    await expect(outcome('email')).rejects.toMatchObject({ message: 'being sent', seconds: 30 });
    clock.now += 30_001;
    expect(await outcome('email')).toBe('done');
    expect(sent).toHaveLength(1);
  });

  it('whoever wakes after its claim was taken over changes nothing', async () => {
    const { accountId, services } = setUp();
    const claim = (attempts: number) => ({ state: 'claimed' as const, leaseUntil: new Date(attempts).toISOString(), attempts });
    const { sentLog } = services;
    expect(await sentLog.replace(accountId, 'a', undefined, claim(1))).toBe(true);
    expect(await sentLog.replace(accountId, 'a', claim(1), claim(2))).toBe(true);
    expect(await sentLog.replace(accountId, 'a', claim(1), { state: 'ended', outcome: 'unknown' })).toBe(false);
    expect(await sentLog.replace(accountId, 'a', claim(2), { state: 'ended', outcome: 'done' })).toBe(true);
    expect(await sentLog.find(accountId, 'a')).toMatchObject({ state: 'ended', outcome: 'done' });
  });

  it('two that ask at once send one', async () => {
    const { contact, outcome, sent } = setUp();
    await contact(reachable);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => outcome('sms')));
    expect(sent).toHaveLength(1);
    expect(outcomes.some((each) => each.status === 'fulfilled' && each.value === 'done')).toBe(true);
  });

  it.each(['sms', 'email'] as const)('who finds that another sends looks again until that has ended (%s)', async (channel) => {
    const { accountId, contact, outcome, sent, services, clock, topic } = setUp();
    await contact(reachable);
    const to = channel === 'sms' ? reachable.phone : reachable.email;
    const claim = { state: 'claimed' as const, leaseUntil: new Date(clock.now + 40_000).toISOString(), attempts: 1 };
    await services.sentLog.replace(accountId, hashId(topic, to), undefined, claim);
    const waits: number[] = [];
    const wait = async (milliseconds: number) => {
      waits.push(milliseconds);
      if (waits.length === 12) await services.sentLog.replace(accountId, hashId(topic, to), claim, { state: 'ended', outcome: 'done' });
    };
    expect(await outcome(channel, {}, { ...services, wait })).toBe('done');
    expect(waits).toEqual(Array.from({ length: 12 }, () => 250));
    expect(sent).toEqual([]);
  });

  it('who finds that another sends for longer comes back when its lease has ended', async () => {
    const { accountId, contact, outcome, sent, services, clock, topic } = setUp();
    await contact(reachable);
    const leaseUntil = new Date(clock.now + 25_000).toISOString();
    await services.sentLog.replace(accountId, hashId(topic, reachable.phone), undefined, { state: 'claimed', leaseUntil, attempts: 1 });
    let waits = 0;
    const wait = () => {
      waits += 1;
      clock.now += 250;
      return Promise.resolve();
    };
    await expect(outcome('sms', {}, { ...services, wait })).rejects.toMatchObject({ message: 'being sent', seconds: 22 });
    expect(waits).toBe(12);
    expect(sent).toEqual([]);
  });
});

describe('a refusal of the provider', () => {
  it('is tried again within reason, then failed and told to operators', async () => {
    const { contact, outcome, sent, telemetry } = setUp(() => new RefusedError('MessageRejected', false));
    await contact(reachable);
    for (let attempt = 1; attempt < 4; attempt += 1) await expect(outcome('sms')).rejects.toThrow('MessageRejected');
    expect(await outcome('sms')).toBe('failed');
    expect([telemetry.counts.get('NotificationFailed'), telemetry.counts.get('NotificationSent')]).toEqual([1, 0]);
    expect(telemetry.lines.join()).not.toContain(reachable.phone);
    expect(sent).toEqual([]);
  });

  it('for a quota is tried again after minutes, so that no tries are lost on it', async () => {
    const { contact, outcome, clock } = setUp(() => new RefusedError('LimitExceededException', true));
    await contact(reachable);
    for (const minutes of [1, 4, 16]) {
      await expect(outcome('email')).rejects.toMatchObject({ seconds: minutes * 60 });
      clock.now += minutes * 60_000;
    }
    expect(await outcome('email')).toBe('failed');
  });

  it('for a quota does not use up a try when the record comes back before that, as on Kafka', async () => {
    const { contact, outcome, clock } = setUp(() => new RefusedError('LimitExceededException', true));
    await contact(reachable);
    await expect(outcome('email')).rejects.toMatchObject({ seconds: 60 });
    for (let early = 1; early < 10; early += 1) {
      clock.now += 5000;
      await expect(outcome('email')).rejects.toMatchObject({ seconds: 60 - early * 5 });
    }
    clock.now += 15_000;
    await expect(outcome('email')).rejects.toMatchObject({ seconds: 240 });
  });

  it('that passes lets the notice out once', async () => {
    let tries = 0;
    const { contact, outcome, sent, clock } = setUp(() => ((tries += 1) < 3 ? new RefusedError('Throttling', true) : undefined));
    await contact(reachable);
    for (const minutes of [1, 4]) {
      await expect(outcome('sms')).rejects.toThrow('Throttling');
      clock.now += minutes * 60_000;
    }
    expect([await outcome('sms'), await outcome('sms')]).toEqual(['done', 'done']);
    expect(sent).toHaveLength(1);
  });
});

describe('a contact', () => {
  it('stays for 8 days after the next took its place, in whatever order they come', async () => {
    const { accountId, contact } = setUp();
    const times = ['2026-11-03', '2026-11-01', '2026-11-02'].map((day) => new Date(`${day}T00:00:00Z`));
    for (const time of times) await contact({ email: `of-${time.getTime()}@example.com` }, time);
    const { Items } = await database.tables.send(
      new QueryCommand({ TableName: 'contacts', KeyConditionExpression: 'accountId = :a', ExpressionAttributeValues: { ':a': accountId } }),
    );
    const ends = Items?.map(({ expiresAt }) => expiresAt && new Date(Number(expiresAt) * 1000).toISOString().slice(0, 10));
    expect(ends).toEqual(['2026-11-10', '2026-11-11', undefined]);
  });
});

describe('a change of settings', () => {
  const chose = (...login_abroad: ('sms' | 'email' | 'none')[]) => ({ homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad }, trips: [] });

  it('is told on each channel that works, also when another does not', async () => {
    const { contact, settings, sent } = setUp(({ to }) => (to === reachable.phone ? new RefusedError('Down', false) : undefined));
    await contact(reachable);
    const both = chose('sms', 'email');
    await expect(settings({ ...both, previous: both })).rejects.toThrow('Down');
    expect(sent.map(({ to }) => to)).toEqual([reachable.email]);
  });

  it('is told on the channels that were in force before', async () => {
    const { contact, settings, sent } = setUp();
    await contact({ ...reachable, locale: 'en' });
    const changed = { ...chose('none'), previous: chose('sms') };
    await settings(changed);
    await settings(changed);
    expect(sent.map(({ to }) => to).toSorted()).toEqual([reachable.phone, reachable.email].toSorted());
    expect(sent[0]?.text).toContain('security settings of your account changed');
  });
});

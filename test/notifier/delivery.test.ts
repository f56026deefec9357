import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventData } from '../../lambdas/contracts/events.ts';
import { type Message, RefusedError } from '../../lambdas/runtime/channels.ts';
import { keepContact, sendNotice, tellSettings } from '../../lambdas/notifier/handler.ts';
import { contactStore, sentLogStore } from '../../lambdas/notifier/store.ts';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf, locatedLogin } from '../support/logins.ts';
import { memoryTelemetry } from '../support/records.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

let accounts = 0;
const occurredAt = new Date('2026-11-21T00:00:00Z');

/** A notifier whose providers answer as the test says, and whose clock the test sets. */
function setUp(answer: (message: Message) => Error | undefined = () => undefined) {
  accounts += 1;
  const accountId = `player-${accounts}`;
  const sent: Message[] = [];
  const clock = { now: occurredAt.getTime() + 1000 };
  const now = () => new Date(clock.now);
  const channel = {
    send: (message: Message) => {
      const error = answer(message);
      if (!(error instanceof RefusedError)) sent.push(message);
      return error ? Promise.reject(error) : Promise.resolve();
    },
  };
  const telemetry = memoryTelemetry();
  const services = {
    contacts: contactStore(database.tables, 'contacts'),
    sentLog: sentLogStore(database.tables, 'sent-log', now),
    channels: { email: channel, sms: channel },
    telemetry,
    now,
    random: () => 0,
  };
  const contact = (data: EventData<'contact.changed'>, time = new Date('2026-11-01T00:00:00Z')) =>
    keepContact(eventOf('contact.changed', accountId, data, time), services);
  const ask = (response: 'sms' | 'email') =>
    sendNotice(
      eventOf('action.requested', accountId, {
        actionId: `${response}-1`,
        loginId: locatedLogin(accountId, 'a', occurredAt).loginId,
        response,
        triggers: ['login_abroad'],
        country: 'JP',
        occurredAt: occurredAt.toISOString(),
        staleAfter: new Date(occurredAt.getTime() + 3_600_000).toISOString(),
        text: { ko: '일본에서 로그인했습니다.', en: 'Login from Japan.' },
      }),
      services,
    );
  const outcome = async (response: 'sms' | 'email') => (await ask(response)).data.outcome;
  return { accountId, sent, clock, telemetry, services, contact, outcome };
}

const reachable = { email: 'player@example.com', phone: '+821012345678' };

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
    expect([await outcome('email'), await outcome('email')]).toEqual(['no_contact', 'no_contact']);
    await contact({ phone: reachable.phone });
    expect(await outcome('email')).toBe('no_contact');
    expect(sent).toEqual([]);
  });

  it('that found no contact goes out when the contact comes, once, and tells how it ended', async () => {
    const { contact, outcome, sent, clock } = setUp();
    expect([await outcome('sms'), await outcome('email')]).toEqual(['no_contact', 'no_contact']);
    clock.now += 60_000;
    expect(await contact({ email: 'player@example.com' }, new Date(clock.now))).toEqual(
      expect.arrayContaining([
        { name: 'action.completed', data: { actionId: 'email-1', outcome: 'done' }, sibling: 'email-1' },
        { name: 'action.completed', data: { actionId: 'sms-1', outcome: 'no_contact' }, sibling: 'sms-1' },
      ]),
    );
    expect(await outcome('email')).toBe('done');
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
    const { accountId, contact, outcome, sent, clock, services } = setUp();
    await contact(reachable);
    const leaseUntil = new Date(clock.now + 40_000).toISOString();
    await services.sentLog.replace(accountId, 'sms-1', undefined, { state: 'claimed', leaseUntil, attempts: 1 });
    await expect(outcome('sms')).rejects.toThrow('being sent');
    clock.now += 40_001;
    expect(await outcome('sms')).toBe('unknown');
    expect(sent).toEqual([]);
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
    const { accountId, contact, outcome, sent, clock, services } = setUp();
    await contact(reachable);
    const leaseUntil = new Date(clock.now + 30_000).toISOString();
    await services.sentLog.replace(accountId, 'email-1', undefined, { state: 'claimed', leaseUntil, attempts: 1 });
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
});

describe('a refusal of the provider', () => {
  it('is tried again within reason, then failed and told to operators', async () => {
    const { contact, outcome, sent, telemetry } = setUp(() => new RefusedError('MessageRejected', false));
    await contact(reachable);
    for (let attempt = 1; attempt < 4; attempt += 1) await expect(outcome('sms')).rejects.toThrow('MessageRejected');
    expect(await outcome('sms')).toBe('failed');
    expect(telemetry.counts.get('NotificationFailed')).toBe(1);
    expect(telemetry.lines.join()).not.toContain(reachable.phone);
    expect(sent).toEqual([]);
  });

  it('for a quota is tried again after minutes, so that no tries are lost on it', async () => {
    const { contact, outcome } = setUp(() => new RefusedError('LimitExceededException', true));
    await contact(reachable);
    for (const minutes of [1, 4, 16]) await expect(outcome('email')).rejects.toMatchObject({ seconds: minutes * 60 });
    expect(await outcome('email')).toBe('failed');
  });

  it('that passes lets the notice out once', async () => {
    let tries = 0;
    const { contact, outcome, sent } = setUp(() => ((tries += 1) < 3 ? new RefusedError('Throttling', true) : undefined));
    await contact(reachable);
    await expect(outcome('sms')).rejects.toThrow('Throttling');
    await expect(outcome('sms')).rejects.toThrow('Throttling');
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
  it('is told on each channel that works, also when another does not', async () => {
    const { accountId, contact, services, sent } = setUp(({ to }) => (to === reachable.phone ? new RefusedError('Down', false) : undefined));
    await contact(reachable);
    const settings = { homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad: ['sms' as const, 'email' as const] } };
    const changed = eventOf('settings.changed', accountId, { version: 1, since: occurredAt.toISOString(), ...settings, previous: settings }, occurredAt);
    await expect(tellSettings(changed, services)).rejects.toThrow('Down');
    expect(sent.map(({ to }) => to)).toEqual([reachable.email]);
  });

  it('is told on the channels that were in force before', async () => {
    const { accountId, contact, services, sent } = setUp();
    await contact({ ...reachable, locale: 'en' });
    const previous = { homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad: ['sms' as const] } };
    const now = { homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad: ['none' as const] } };
    const changed = eventOf('settings.changed', accountId, { version: 1, since: occurredAt.toISOString(), ...now, previous }, occurredAt);
    await tellSettings(changed, services);
    await tellSettings(changed, services);
    expect(sent.map(({ to }) => to).toSorted()).toEqual([reachable.phone, reachable.email].toSorted());
    expect(sent[0]?.text).toContain('security settings of your account changed');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendNotice } from '../../lambdas/notifier/handler.ts';
import { RefusedError } from '../../lambdas/runtime/channels.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { day, dying, minute, setUp as setUpWith } from './notifier.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

const old = { email: 'old@example.com', phone: '+821000000001', locale: 'en' as const, timeZone: 'America/New_York' };
const fresh = { email: 'new@example.com', phone: '+821000000002' };
const addressesOf = (contact: typeof fresh) => ({ email: contact.email, sms: contact.phone });

/** An account whose contact changed so long before now. */
async function changed(agoMilliseconds: number, answer?: Parameters<typeof setUpWith>[1]) {
  const world = setUpWith(database, answer);
  await world.contact(old, new Date('2026-10-01T00:00:00Z'));
  await world.contact(fresh, new Date(world.clock.now - agoMilliseconds));
  return world;
}

describe('after a contact change', () => {
  it.each(['sms', 'email'] as const)('notices by %s go to the old and the new one for 7 days', async (channel) => {
    const { outcome, sent } = await changed(7 * day - 1);
    expect([await outcome(channel), await outcome(channel)]).toEqual(['done', 'done']);
    expect(sent.map(({ to }) => to).toSorted()).toEqual([addressesOf(fresh)[channel], addressesOf(old)[channel]].toSorted());
  });

  it.each(['sms', 'email'] as const)('notices by %s go to the new one alone from the 7th day on', async (channel) => {
    const { outcome, sent } = await changed(7 * day);
    expect(await outcome(channel)).toBe('done');
    expect(sent.map(({ to }) => to)).toEqual([addressesOf(fresh)[channel]]);
  });

  it('each reads it in its own language and time zone', async () => {
    const { outcome, sent } = await changed(day);
    await outcome('email');
    expect(sent.find(({ to }) => to === old.email)?.text).toMatch(/Nov 20, 2026.*7:00:00.PM.*Login from Japan\./);
    expect(sent.find(({ to }) => to === fresh.email)?.text).toContain('일본에서 로그인했습니다.');
  });

  it('a thief who changes it several times, or takes the address away, silences nobody', async () => {
    const { contact, outcome, sent, clock } = await changed(2 * day);
    await contact({ email: 'thief@example.com' }, new Date(clock.now - day));
    await contact({}, new Date(clock.now - minute));
    expect([await outcome('email'), await outcome('sms')]).toEqual(['done', 'done']);
    expect(sent.map(({ to }) => to).toSorted()).toEqual([old.email, old.phone, fresh.email, fresh.phone, 'thief@example.com'].toSorted());
  });

  it('an address that stayed gets it once', async () => {
    const { contact, outcome, sent, clock } = await changed(2 * day);
    await contact({ ...fresh, locale: 'en' }, new Date(clock.now - day));
    await outcome('sms');
    expect(sent.map(({ to }) => to).toSorted()).toEqual([old.phone, fresh.phone]);
    expect(sent.find(({ to }) => to === fresh.phone)?.text).toContain('Login from Japan.');
  });
});

describe('a notice is never silent while the player can be reached otherwise', () => {
  const chose = (...chosen: ('sms' | 'email')[]) => ({ homeCountries: ['KR'], responses: { login_abroad: chosen, new_country: chosen, unlocated: chosen }, trips: [] });
  const { email, phone } = fresh;

  it.each([
    ['sms', { email }, email],
    ['email', { phone }, phone],
    ['sms', { email, phone }, phone],
    ['email', { email, phone }, email],
  ] as const)('of a login, by %s to %j', async (channel, data, to) => {
    const { contact, outcome, sent } = setUpWith(database);
    await contact(data);
    expect(await outcome(channel)).toBe('done');
    expect(sent.map((each) => each.to)).toEqual([to]);
  });

  it('of settings, by e-mail in place of an SMS; an SMS that nobody chose is not sent for it', async () => {
    for (const [channel, data, told] of [['sms', { email }, [email]], ['email', { phone }, []]] as const) {
      const { contact, settings, sent } = setUpWith(database);
      await contact(data);
      await settings({ ...chose('sms', 'email'), previous: chose(channel) });
      expect(sent.map((each) => each.to)).toEqual(told);
    }
  });

  it.each(['sms', 'email'] as const)('by %s goes to each contact on a channel that this one has', async (channel) => {
    const { contact, outcome, sent, clock } = setUpWith(database);
    await contact({ phone: old.phone });
    await contact({ email: fresh.email }, new Date(clock.now - day));
    expect(await outcome(channel)).toBe('done');
    expect(sent.map(({ to }) => to).toSorted()).toEqual([old.phone, fresh.email].toSorted());
  });

  it('costs no SMS when it is not about a login', async () => {
    const { contact, outcome, sent } = setUpWith(database);
    await contact({ phone });
    expect(await outcome('email', { triggers: [] })).toBe('no_contact');
    expect(sent).toEqual([]);
  });
});

describe('nobody is told the same thing twice at one address', () => {
  const both = { homeCountries: ['KR'], responses: { login_abroad: ['sms' as const, 'email' as const], new_country: [], unlocated: [] }, trips: [] };

  it.each([{ phone: fresh.phone }, { email: fresh.email }])('%j gets one message of a login for which both were chosen', async (data) => {
    const { contact, outcome, sent } = setUpWith(database);
    await contact(data);
    expect([await outcome('sms'), await outcome('email')]).toEqual(['done', 'done']);
    expect(sent).toHaveLength(1);
    expect([await outcome('sms', { country: null }), await outcome('email', { country: 'US' })]).toEqual(['done', 'done']);
    expect(sent).toHaveLength(3);
  });

  it.each([{ phone: fresh.phone }, { email: fresh.email }])('%j gets one, also when both are handled at the same moment', async (data) => {
    for (let round = 0; round < 10; round += 1) {
      const { contact, outcome, sent } = setUpWith(database);
      await contact(data);
      expect(await Promise.all([outcome('sms'), outcome('email')])).toEqual(['done', 'done']);
      expect(sent).toHaveLength(1);
    }
  });

  it.each([{ phone: fresh.phone }, { email: fresh.email }])('%j gets one of a change of settings', async (data) => {
    const { contact, settings, sent } = setUpWith(database);
    await contact(data);
    await settings({ ...both, previous: both });
    expect(sent).toHaveLength(1);
    await settings({ ...both, previous: both }, 2);
    expect(sent).toHaveLength(2);
  });

  it('whoever has both is told at both', async () => {
    const { contact, outcome, settings, sent } = setUpWith(database);
    await contact(fresh);
    expect([await outcome('sms'), await outcome('email')]).toEqual(['done', 'done']);
    await settings({ ...both, previous: both });
    expect(sent.map(({ channel }) => channel).toSorted()).toEqual(['email', 'email', 'sms', 'sms']);
  });
});

describe('at most 3 addresses of a channel get a notice', () => {
  const thief = (index: number) => ({ email: `thief-${index}@example.com`, phone: `+8610000000${index}` });
  /** The owner's contact, and what came after it, a minute apart. */
  async function after(...contacts: Parameters<ReturnType<typeof setUpWith>['contact']>[0][]) {
    const world = setUpWith(database);
    await world.contact(old, new Date('2026-10-01T00:00:00Z'));
    for (const [index, data] of contacts.entries()) await world.contact(data, new Date(world.clock.now - day + index * minute));
    return world;
  }

  it.each(['sms', 'email'] as const)('the newest and the oldest two, the one before the first change always among them (%s)', async (channel) => {
    const { outcome, sent } = await after(...[1, 2, 3, 4, 5].map(thief));
    expect(await outcome(channel)).toBe('done');
    expect(sent.map(({ to }) => to).toSorted()).toEqual([old, thief(1), thief(5)].map((each) => (channel === 'sms' ? each.phone : each.email)).toSorted());
  });

  it('also when that one was set again in between, or is the newest', async () => {
    const between = await after(thief(1), thief(2), old, thief(3));
    await between.outcome('email');
    expect(between.sent.map(({ to }) => to).toSorted()).toEqual([old, thief(1), thief(3)].map(({ email }) => email).toSorted());
    const again = await after(thief(1), thief(2), thief(3), old);
    await again.outcome('email');
    expect(again.sent.map(({ to }) => to).toSorted()).toEqual([old, thief(1), thief(2)].map(({ email }) => email).toSorted());
  });

  it('whichever actions ask, and whatever each contact lacks', async () => {
    const { outcome, sent } = await after(...[1, 2, 3, 4, 5, 6].map((index) => (index % 2 === 0 ? { email: thief(index).email } : { phone: thief(index).phone })));
    expect([await outcome('sms'), await outcome('email')]).toEqual(['done', 'done']);
    for (const channel of ['sms', 'email']) expect(sent.filter((each) => each.channel === channel).length).toBeLessThanOrEqual(3);
    expect(sent.map(({ to }) => to)).toEqual(expect.arrayContaining([old.email, old.phone]));
  });
});

describe('of several recipients', () => {
  it('one that must come back does not keep the others from it, and is tried again alone', async () => {
    let isDown = true;
    const { outcome, sent, clock } = await changed(day, ({ to }) => (isDown && to === fresh.phone ? new RefusedError('Throttling', true) : undefined));
    await expect(outcome('sms')).rejects.toMatchObject({ seconds: 60 });
    expect(sent.map(({ to }) => to)).toEqual([old.phone]);
    isDown = false;
    clock.now += 60_000;
    expect(await outcome('sms')).toBe('done');
    expect(sent.map(({ to }) => to)).toEqual([old.phone, fresh.phone]);
  });

  it('the one that wants to wait longest says when the record comes back', async () => {
    const { outcome } = await changed(day, ({ to }) => new RefusedError('Busy', to === old.email));
    await expect(outcome('email')).rejects.toMatchObject({ seconds: 60 });
  });

  it.each([
    ['done', 'failed', 'done'],
    ['done', 'unknown', 'done'],
    ['unknown', 'failed', 'unknown'],
    ['failed', 'failed', 'failed'],
  ] as const)('%s and %s end as %s', async (one, other, whole) => {
    const errors = { done: undefined, unknown: new Error('timed out'), failed: new RefusedError('Refused', false) };
    const { outcome } = await changed(day, ({ to }) => errors[to === old.phone ? one : other]);
    let ended: string | undefined;
    for (let tries = 0; tries < 4; tries += 1) ended = await outcome('sms').catch(() => undefined);
    expect(ended).toBe(whole);
  });

  it('what went out before it was stale is done, also when the record comes back after', async () => {
    const { outcome, clock, sent } = await changed(day, ({ to }) => (to === fresh.phone ? new RefusedError('Throttling', true) : undefined));
    await expect(outcome('sms')).rejects.toThrow('Throttling');
    clock.now += day;
    expect(await outcome('sms')).toBe('done');
    expect(sent.map(({ to }) => to)).toEqual([old.phone]);
  });

  it.each(['sms', 'email'] as const)('wherever a crash hits, each gets its %s as promised', async (channel) => {
    for (let steps = 0; ; steps += 1) {
      const { sent, clock, services, requested } = await changed(day);
      const event = requested(channel);
      const killed = dying(services, steps);
      await sendNotice(event, killed.services).catch(() => undefined);
      if (!killed.hasDied()) {
        expect(steps).toBeGreaterThan(8);
        break;
      }
      clock.now += minute;
      const { data } = await sendNotice(event, services);
      await sendNotice(event, services);
      for (const to of Object.values([addressesOf(old)[channel], addressesOf(fresh)[channel]])) {
        const times = sent.filter((each) => each.to === to).length;
        if (channel === 'sms') expect(times, `${steps}`).toBeLessThanOrEqual(1);
        else expect(times, `${steps}`).toBeGreaterThanOrEqual(1);
        expect(times).toBeLessThanOrEqual(2);
      }
      expect(['done', 'unknown']).toContain(data.outcome);
      if (channel === 'email') expect(data.outcome).toBe('done');
    }
  });

  it('none is named in what operators read', async () => {
    const { outcome, telemetry } = await changed(day, () => new RefusedError('Refused', false));
    for (let tries = 0; tries < 4; tries += 1) await outcome('sms').catch(() => undefined);
    expect(telemetry.lines.length).toBeGreaterThan(0);
    for (const secret of [old.phone, fresh.phone]) expect(telemetry.lines.join()).not.toContain(secret);
  });
});

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

describe('of several recipients', () => {
  it('one that must come back does not keep the others from it, and is tried again alone', async () => {
    let isDown = true;
    const { outcome, sent } = await changed(day, ({ to }) => (isDown && to === fresh.phone ? new RefusedError('Throttling', true) : undefined));
    await expect(outcome('sms')).rejects.toMatchObject({ seconds: 60 });
    expect(sent.map(({ to }) => to)).toEqual([old.phone]);
    isDown = false;
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

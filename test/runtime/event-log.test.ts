import { describe, expect, it } from 'vitest';
import { canaryAccount } from '../../lambdas/contracts/metrics.ts';
import { maxReceives } from '../../lambdas/contracts/names.ts';
import type { Handlers } from '../../lambdas/runtime/consumer.ts';
import { eventOf, geoDatabase, locatedLogin } from '../support/logins.ts';
import { memoryBus, memoryTelemetry, queueConsumer, sqsRecord } from '../support/records.ts';

const acceptedtime = '2026-11-21T00:00:00.000Z';
const moment = new Date(Date.parse(acceptedtime) + 2500);
const trace = 'a'.repeat(32);

/** A login of an account as it lies on the bus; sampled unless its flags say otherwise. */
function located(account: string, { flags = '01', country = 'US' }: { flags?: string; country?: string | null } = {}) {
  const event = eventOf('login.located', account, locatedLogin(account, 'one', moment, { country }));
  return { ...event, acceptedtime, traceparent: `00-${trace}-${'b'.repeat(16)}-${flags}` };
}

const handlers: Handlers<undefined> = {
  'login.located': ({ subject, data }) => {
    if (subject === 'poisoned') throw new Error('of player@example.com at 8.8.8.8');
    return data.country === null ? undefined : { name: 'login.recorded', data: { login: data, history: {} } };
  },
  'login.submitted': ({ data }) => ({ name: 'login.located', data: { ...data, country: 'KR', geoDatabase } }),
};

/** A consumer's telemetry after one batch of events. */
async function told(events: readonly object[], { receives = 1, bus = memoryBus() } = {}) {
  const telemetry = memoryTelemetry();
  const run = queueConsumer({ service: 'test', handlers, services: undefined, publisher: bus, telemetry, now: () => moment });
  await run({ Records: events.map((event, index) => sqsRecord(`record-${index}`, JSON.stringify(event), receives)) });
  return { telemetry, bus, lines: telemetry.lines.map((line) => JSON.parse(line) as [string, Record<string, unknown>]) };
}

describe('the line of an event', () => {
  it('says of a sampled one which it is, what became of it, what followed and how old it is, and nothing else', async () => {
    const event = located('player-7');
    const { lines } = await told([event]);
    const { loginId } = event.data;
    const about = { eventId: event.id, eventType: 'loginward.login.located.v1', loginId, traceId: trace };
    expect(lines).toEqual([['Event', { ...about, ageSeconds: 2.5, outcome: 'emitted', emitted: ['loginward.login.recorded.v1'] }]]);
  });

  it('says that a sampled one was swallowed', async () => {
    const { lines } = await told([located('player-7', { country: null })]);
    expect(lines).toMatchObject([['Event', { outcome: 'swallowed', emitted: [] }]]);
  });

  it('is not there for one that is not sampled and leads to nothing that is', async () => {
    const { data, ...event } = located('player-7', { flags: '00' });
    const { country: _, geoDatabase: __, ...login } = data;
    expect((await told([{ ...event, type: 'loginward.login.submitted.v1', data: login }])).lines).toEqual([]);
    expect((await told([located('player-7', { flags: '00', country: null })])).lines).toEqual([]);
  });

  it('is there from where a login is known to be notable, and what follows is sampled from there on', async () => {
    const { lines, bus } = await told([located('player-7', { flags: '00' })]);
    expect(lines).toMatchObject([['Event', { outcome: 'emitted' }]]);
    expect(bus.published[0]?.traceparent).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
  });

  it('is always there for a failure, with its record and reason, and none of what the error says', async () => {
    const event = located('poisoned', { flags: '00' });
    const failed = await told([event]);
    expect(failed.lines).toMatchObject([['Event', { eventId: event.id, traceId: trace, outcome: 'failed', record: 'record-0', reason: 'Error', ageSeconds: 2.5 }]]);
    expect((await told([event], { receives: maxReceives })).lines).toMatchObject([['Event', { outcome: 'parked' }]]);
    const unconfirmed = await told([located('player-7')], { bus: memoryBus(() => true) });
    expect(unconfirmed.lines).toMatchObject([['Event', { outcome: 'failed', reason: 'The bus did not confirm: InternalError' }]]);
    expect((await told([{ type: 'no event' }])).lines).toEqual([['Event', { outcome: 'parked', record: 'record-0', reason: 'unknown event type' }]]);
  });

  it('has no account, address or country in it, nor an id that a producer outside made of one', async () => {
    const { telemetry } = await told([{ ...located('player@example.com'), id: 'login of player@example.com' }, located('poisoned')]);
    expect(telemetry.lines).toHaveLength(2);
    expect(telemetry.lines.join()).not.toMatch(/example|8\.8\.8\.8|"US"|poisoned/);
  });
});

describe('what a consumer counts', () => {
  it('is what came, what was emitted, swallowed, failed, parked and not confirmed, and how old each was that is done', async () => {
    const bus = memoryBus(({ subject }) => subject === 'unlucky');
    const events = [located('a'), located('b', { country: null }), located('poisoned'), located('unlucky'), { type: 'no event' }];
    const { telemetry } = await told(events, { bus });
    expect(Object.fromEntries([...telemetry.counts].filter(([, count]) => count > 0))).toEqual({ Received: 5, Emitted: 1, Swallowed: 1, Failed: 2, Parked: 1, Unconfirmed: 1 });
    expect(telemetry.measures.get('EventAge')).toEqual([2.5, 2.5]);
  });

  it('leaves out the canary, whatever becomes of it', async () => {
    for (const bus of [memoryBus(), memoryBus(() => true)]) {
      const { telemetry } = await told([located(canaryAccount), located(canaryAccount, { country: null })], { bus });
      expect([...telemetry.counts.values()].filter((count) => count > 0)).toEqual([]);
      expect(telemetry.measures.size).toBe(0);
    }
  });

  it('has no age of what does not tell when it was accepted', async () => {
    const { acceptedtime: _, ...event } = located('a');
    const { telemetry } = await told([event]);
    expect([telemetry.counts.get('Emitted'), telemetry.measures.size]).toEqual([1, 0]);
  });
});

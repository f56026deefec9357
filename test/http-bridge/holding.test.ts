import { randomUUID } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canaryAccount } from '../../lambdas/contracts/metrics.ts';
import { eventType, heldSinceAttribute } from '../../lambdas/contracts/names.ts';
import type { HeldBatch, Waiting } from '../../lambdas/http-bridge/backlog.ts';
import { batchOf, type BridgeParts } from '../../lambdas/http-bridge/batch.ts';
import { closed, closedBreaker, opened, secondsUntilProbe } from '../../lambdas/http-bridge/breaker.ts';
import { tickOf } from '../../lambdas/http-bridge/tick.ts';
import { randomOf } from '../../local/sample/random.ts';
import { memoryBus, memoryTelemetry, sqsRecord } from '../support/records.ts';
import { memoryBreakers, subscriptionTo, type Treatment } from './set-up.ts';

const kickType = eventType('action.requested');

interface Message {
  readonly record: SQSRecord;
  receives: number;
  visibleAt: number;
}

/** A subscription with its queue, breaker and backlog in memory, and a clock that the test moves. */
function world({ treat, paused, holdDays, share = 2 }: { treat: (id: string) => Treatment; paused?: boolean; holdDays?: number; share?: number }) {
  const clock = { now: Date.parse('2026-11-21T00:30:00Z') };
  const now = () => new Date(clock.now);
  let messages: Message[] = [];
  const backlog = new Map<string, Waiting[]>();
  const expired: Waiting[] = [];
  const parked = new Map<string, string>();
  const { subscription, services, posts, delivered, atOnce } = subscriptionTo({ clock, treat, paused, holdDays });
  const { store, breakers } = memoryBreakers();
  const table = { isDown: false };
  const dice = randomOf(7);
  const idOf = ({ body }: { body: string }) => (JSON.parse(body) as { id: string }).id;

  const send = (body: string, attributes: Record<string, string> = {}, delaySeconds = 0) => {
    const record = sqsRecord(randomUUID(), body);
    const messageAttributes = Object.fromEntries(Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: 'String' }]));
    const sent = { ...record.attributes, SentTimestamp: String(clock.now) };
    messages.push({ record: { ...record, messageAttributes, attributes: sent }, receives: 0, visibleAt: clock.now + delaySeconds * 1000 });
  };

  const telemetry = memoryTelemetry();
  const bus = { isDown: false };
  const deadLetterQueue = { isDown: false };
  const publisher = memoryBus(() => bus.isDown);
  const parts: BridgeParts = {
    subscription,
    share,
    services,
    breakers: { ...breakers, read: () => (table.isDown ? Promise.reject(new Error('The table does not answer.')) : breakers.read()) },
    backlog: {
      put: (events) => {
        for (const group of Map.groupBy(events, ({ heldSince }) => heldSince.slice(0, 13)).values()) {
          backlog.set(`${group.map(({ heldSince }) => heldSince).toSorted()[0]}_${randomUUID()}`, group);
        }
        return Promise.resolve();
      },
      list: () => Promise.resolve([...backlog.keys()].toSorted().map((key): HeldBatch => ({ key, heldSince: key.split('_')[0] ?? '' }))),
      read: ({ key }) => Promise.resolve(backlog.get(key)),
      remove: ({ key }) => {
        backlog.delete(key);
        return Promise.resolve();
      },
      expire: ({ key }) => {
        expired.push(...(backlog.get(key) ?? []));
        backlog.delete(key);
        return Promise.resolve();
      },
    },
    queue: {
      park: (records) => {
        if (deadLetterQueue.isDown) return Promise.resolve(new Set());
        for (const [record, reason] of records) parked.set(record.body.startsWith('{') ? idOf(record) : record.body, reason);
        return Promise.resolve(new Set(records.keys()));
      },
      send: (items) => {
        for (const { body, attributes, delaySeconds } of items) send(body, attributes, delaySeconds);
        return Promise.resolve(new Set(items.keys()));
      },
      delay: (delays) => {
        for (const [{ messageId }, seconds = 2] of delays) {
          const message = messages.find(({ record }) => record.messageId === messageId);
          if (message) message.visibleAt = clock.now + seconds * 1000;
        }
        return Promise.resolve();
      },
    },
    publisher,
    telemetry,
    now,
    random: () => dice.below(1000) / 1000,
  };
  const tick = tickOf(parts);
  const take = batchOf(parts, tick);
  const deadline = () => new Date(clock.now + 45_000);
  /** One batch, as the mapping would hand it over. @returns whether there was one */
  const step = async (): Promise<boolean> => {
    const batch = messages.filter(({ visibleAt }) => visibleAt <= clock.now).slice(0, 10);
    if (batch.length === 0) return false;
    for (const message of batch) {
      message.receives += 1;
      message.visibleAt = clock.now + 240_000;
    }
    const kept = await take(batch.map(({ record, receives }) => ({ ...record, attributes: { ...record.attributes, ApproximateReceiveCount: String(receives) } })), deadline());
    messages = messages.filter((message) => !batch.includes(message) || kept.includes(message.record.messageId));
    return true;
  };
  return {
    clock,
    subscription,
    parked,
    posts,
    delivered,
    expired,
    atOnce,
    telemetry,
    breaker: () => store.breaker,
    held: () => [...backlog.values()].flat().length,
    queued: () => messages.length,
    add: (...ids: string[]) => {
      for (const id of ids) send(JSON.stringify({ specversion: '1.0', id, source: 'test', type: 'studio.match.ended.v1', subject: 'player-1', time: now().toISOString(), data: {} }));
    },
    /** Kicks that make sense for some seconds from now. */
    addKicks: (seconds: number, ...ids: string[]) => {
      const data = (actionId: string) => ({ actionId, response: 'kick', staleAfter: new Date(clock.now + seconds * 1000).toISOString() });
      for (const id of ids) send(JSON.stringify({ specversion: '1.0', id, source: 'account-security', type: kickType, subject: 'player-1', time: now().toISOString(), data: data(id) }));
    },
    bus,
    deadLetterQueue,
    table,
    published: publisher.published,
    addRaw: send,
    step,
    tick: () => tick(deadline()),
    /** Time goes on second by second, with a tick each minute, until nothing is left or the time is over. */
    run: async (seconds: number) => {
      const end = clock.now + seconds * 1000;
      while (clock.now < end && (messages.length > 0 || backlog.size > 0)) {
        while (await step());
        const minute = Math.floor(clock.now / 60_000);
        clock.now += 1000;
        if (Math.floor(clock.now / 60_000) > minute) await tick(deadline());
      }
    },
  };
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `event-${index}`);
const day = 86_400_000;

describe('the breaker', () => {
  const at = new Date('2026-11-21T00:00:00Z');
  const half = () => 0.5;
  const asked = opened(closedBreaker, at, half, 3600);

  it('is probed after 1, 2, 4 seconds and so on, a minute at most, with a jitter', () => {
    const waits: number[] = [];
    for (let breaker = closedBreaker, count = 0; count < 9; count += 1) {
      breaker = opened(breaker, at, () => 1);
      waits.push(secondsUntilProbe(breaker, at));
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(secondsUntilProbe(opened(closedBreaker, at, () => 0), at)).toBe(0.75);
  });

  it('keeps to a Retry-After, whatever other events find', () => {
    expect(secondsUntilProbe(asked, at)).toBe(3600);
    expect(secondsUntilProbe(opened(asked, at, half), at)).toBe(3600);
    expect(secondsUntilProbe(opened(asked, at, half, 5), at)).toBe(3600);
    expect(secondsUntilProbe(closed(asked, at), at)).toBe(3600);
    const after = new Date(at.getTime() + 3_600_001);
    expect(closed(asked, after).state).toBe('closed');
  });
});

describe('an endpoint that does not work', () => {
  it('gets one event about every minute, while the others wait without burning their tries', async () => {
    const { add, run, posts, held, queued, parked, breaker } = world({ treat: () => 503 });
    add(...ids(500));
    await run(3600);
    expect(breaker().state).toBe('open');
    expect(held() + queued()).toBe(500);
    expect(parked.size).toBe(0);
    // 10 to 20 until it opens, then at growing distances, then every minute.
    expect(posts.length).toBeGreaterThan(50);
    expect(posts.length).toBeLessThan(100);
  });

  it('gets all of them within two minutes once it works again', async () => {
    let works = false;
    const { add, run, delivered, parked, held, queued, clock } = world({ treat: () => (works ? 204 : 503) });
    add(...ids(500));
    await run(3600);
    works = true;
    const back = clock.now;
    await run(3600);
    expect(new Set(delivered)).toEqual(new Set(ids(500)));
    expect([parked.size, held(), queued()]).toEqual([0, 0, 0]);
    expect(clock.now - back).toBeLessThan(125_000);
  });

  it('that says Retry-After gets nothing until then', async () => {
    const { add, run, posts, clock } = world({ treat: () => ({ status: 429, retryAfter: '1800' }), share: 1 });
    add(...ids(50));
    await run(1790);
    expect(posts).toHaveLength(1);
    await run(120);
    expect(posts).toHaveLength(2);
    expect(clock.now).toBeGreaterThan(0);
  });

  it('that says Retry-After is left alone, whatever the events that were on their way at that moment find', async () => {
    let turn = 0;
    const { add, step, posts, run } = world({ treat: () => ((turn += 1) === 4 ? { status: 503, retryAfter: '1800' } : 500), share: 20 });
    add(...ids(40));
    await step();
    await step();
    const before = posts.length;
    await run(1700);
    expect(posts.length).toBe(before);
  });

  it('for one event only does not keep the others waiting, even the oldest', async () => {
    let works = false;
    const { add, run, delivered, held, queued, clock } = world({ treat: (id) => (works && id !== 'event-0' ? 204 : 503) });
    add('event-0');
    clock.now += 5000;
    add(...ids(60).slice(1));
    await run(900);
    works = true;
    await run(3600);
    expect(new Set(delivered).size).toBe(59);
    expect(held() + queued()).toBe(1);
  });

  it('for one event only has it wait in the backlog in the end, where no limit of SQS counts', async () => {
    const { add, run, breaker, held, queued, parked, telemetry } = world({ treat: (id) => (id === 'event-0' ? 500 : 204), share: 1 });
    for (let round = 0; round < 60; round += 1) {
      add(...(round === 0 ? ids(5) : [`other-${round}`]));
      await run(15);
    }
    expect(breaker().state).toBe('closed');
    expect([held() + queued(), parked.size]).toEqual([1, 0]);
    expect(telemetry.counts.get('Held')).toBeGreaterThan(0);
  });

  it.each([
    [404, 'Misconfigured'],
    [302, 'Misconfigured'],
    [201, 'Broken'],
  ] as const)('that answers %i holds its events, counted as %s', async (status, metric) => {
    const { add, run, held, queued, parked, telemetry } = world({ treat: () => status });
    add(...ids(30));
    await run(300);
    expect([held() + queued(), parked.size]).toEqual([30, 0]);
    expect(telemetry.counts.get(metric)).toBeGreaterThanOrEqual(10);
  });

  it('that answers only half the time gets everything, without being taken for dead', async () => {
    let turn = 0;
    const { add, run, delivered, clock, breaker } = world({ treat: () => ((turn += 1) % 2 ? 500 : 204) });
    add(...ids(200));
    const start = clock.now;
    await run(3600);
    expect(new Set(delivered).size).toBe(200);
    expect(breaker()).toEqual(closedBreaker);
    expect(clock.now - start).toBeLessThan(300_000);
  });

  it('that hangs leaves an invocation in time', async () => {
    const { add, step, posts, clock } = world({ treat: () => 'hang', share: 1 });
    add(...ids(10));
    const start = clock.now;
    await step();
    expect(clock.now - start).toBeLessThanOrEqual(30_000);
    expect(posts.length).toBeLessThanOrEqual(3);
  });
});

describe('an event that the endpoint refuses', () => {
  it('is parked after 3 tries with status and body, while the others go on and the breaker stays closed', async () => {
    const { add, run, parked, posts, delivered, breaker, telemetry } = world({ treat: (id) => (id === 'event-3' ? 422 : 204) });
    add(...ids(10));
    await run(600);
    expect([...parked]).toEqual([['event-3', 'status 422: no']]);
    expect(telemetry.counts.get('Parked')).toBe(1);
    expect(posts.filter(({ id }) => id === 'event-3')).toHaveLength(3);
    expect(new Set(delivered).size).toBe(9);
    expect(breaker().state).toBe('closed');
  });

  it('shows that the endpoint is alive: the breaker closes', async () => {
    let status = 503;
    const { add, run, breaker } = world({ treat: () => status });
    add(...ids(20));
    await run(120);
    expect(breaker().state).toBe('open');
    status = 400;
    await run(300);
    expect(breaker().state).toBe('closed');
  });

  it('that is no event at all is parked at once', async () => {
    const { addRaw, step, parked, queued } = world({ treat: () => 204 });
    addRaw('not JSON');
    await step();
    expect([[...parked], queued()]).toEqual([[['not JSON', 'not an event']], 0]);
  });
});

describe('an action that is stale', () => {
  it('never reaches an endpoint that was down for a day, and each ends as stale, once', async () => {
    let works = false;
    const { add, addKicks, run, delivered, published, held, queued, telemetry } = world({ treat: () => (works ? 204 : 503) });
    add(...ids(20));
    addKicks(300, ...Array.from({ length: 20 }, (_, index) => `kick-${index}`));
    await run(86_400);
    works = true;
    await run(3600);
    expect(new Set(delivered)).toEqual(new Set(ids(20)));
    expect([held(), queued()]).toEqual([0, 0]);
    expect(published.map(({ data }) => data)).toEqual(expect.arrayContaining([{ actionId: 'kick-7', outcome: 'stale' }]));
    expect([published.length, new Set(published.map(({ id }) => id)).size]).toEqual([20, 20]);
    expect(telemetry.counts.get('Stale')).toBe(20);
    expect(telemetry.counts.get('Delivered')).toBe(20);
  });

  it('is no probe: it says nothing about whether the endpoint works', async () => {
    const { add, addKicks, step, run, breaker, clock, posts } = world({ treat: () => 503 });
    add(...ids(20));
    await run(60);
    expect(breaker().state).toBe('open');
    clock.now += 3600_000;
    const before = posts.length;
    addKicks(-1, 'late');
    while (await step());
    expect(breaker().state).toBe('open');
    expect(posts.slice(before).map(({ id }) => id)).not.toContain('late');
  });

  it('ends at once when the subscription is paused, too', async () => {
    const { addKicks, run, posts, held, published } = world({ treat: () => 204, paused: true });
    addKicks(-1, 'late');
    addKicks(3600, 'in-time');
    await run(60);
    expect([posts.length, held(), published.length]).toEqual([0, 1, 1]);
  });

  it('comes back until the bus has confirmed how it ended', async () => {
    const { addKicks, step, queued, bus } = world({ treat: () => 204 });
    bus.isDown = true;
    addKicks(-1, 'late');
    await step();
    expect(queued()).toBe(1);
  });
});

describe('holding', () => {
  it('a paused subscription holds everything, and delivers it when it goes on', async () => {
    const { add, run, posts, held, delivered, subscription } = world({ treat: () => 204, paused: true });
    add(...ids(25));
    await run(600);
    expect([posts.length, held()]).toEqual([0, 25]);
    subscription.paused = false;
    await run(120);
    expect(new Set(delivered).size).toBe(25);
  });

  it('ends after the hold time: the events are put aside, and operators are told before', async () => {
    const { add, run, tick, held, expired, clock, telemetry } = world({ treat: () => 503, holdDays: 2 });
    add(...ids(30));
    await run(120);
    clock.now += 1.9 * day;
    await tick();
    expect(telemetry.measures.get('HeldSeconds')?.at(-1)).toBeGreaterThan(0.7 * 2 * 86_400);
    expect(expired).toEqual([]);
    clock.now += 0.2 * day;
    const waiting = held();
    await tick();
    expect(expired).toHaveLength(waiting);
  });

  it('counts from the first time that an event waited, however often it was tried', async () => {
    const { add, addRaw, run, held, clock, expired } = world({ treat: () => 503 });
    const since = new Date(clock.now - 3 * day).toISOString();
    add(...ids(30));
    addRaw(JSON.stringify({ specversion: '1.0', id: 'old', source: 'test', type: 'a.b.v1', subject: 'player-1', time: since, data: {} }), { [heldSinceAttribute]: since });
    await run(7200);
    expect(held()).toBeGreaterThan(0);
    clock.now = Date.parse(since) + 10 * day + 60_000;
    await run(60);
    expect(expired.map(({ body }) => (JSON.parse(body) as { id: string }).id)).toContain('old');
  });

  it('never has more at the endpoint than its share', async () => {
    const { add, run, atOnce } = world({ treat: () => 204, share: 3 });
    add(...ids(100));
    await run(60);
    expect(atOnce.most).toBe(3);
  });

  it('has all of an invocation that fails as a whole come again soon', async () => {
    const one = world({ treat: () => 204 });
    one.table.isDown = true;
    one.add(...ids(5));
    await expect(one.step()).rejects.toThrow('does not answer');
    one.table.isDown = false;
    await one.run(30);
    expect([one.queued(), one.delivered.length]).toEqual([0, 5]);
  });

  it('loses nothing, and parks only what was refused, whatever the endpoint does until it works', async () => {
    const treatment = fc.oneof(fc.constantFrom<Treatment>(204, 500, 503, 404, 302, 201, 429, 'hang', 'bug'), fc.record({ status: fc.constantFrom(429, 503), retryAfter: fc.constantFrom('1', '20', '100') }));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.array(treatment, { maxLength: 150 }), fc.integer({ min: 1, max: 4 }), async (count, treatments, share) => {
        const open = [...treatments];
        const { add, run, delivered, parked, held, queued } = world({ treat: (id) => open.shift() ?? (id === 'event-0' ? 400 : 204), share });
        add(...ids(count));
        await run(6 * 3600);
        expect([held(), queued()]).toEqual([0, 0]);
        for (const id of ids(count)) expect(delivered.includes(id) || (id === 'event-0' && parked.has(id)), id).toBe(true);
        expect([...parked.keys()].filter((id) => id !== 'event-0')).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('what operators are told of a subscription', () => {
  const trace = (flags: string) => `00-${'1'.repeat(32)}-${'2'.repeat(16)}-${flags}`;
  /** An event of ours that was accepted 90 seconds ago. */
  const kickOf = (now: number, more: object = {}) =>
    JSON.stringify({
      specversion: '1.0',
      id: randomUUID(),
      source: 'account-security',
      type: kickType,
      subject: 'player-1',
      time: new Date(now).toISOString(),
      traceparent: trace('01'),
      acceptedtime: new Date(now - 90_000).toISOString(),
      data: { actionId: 'kick', response: 'kick', loginId: '01a1fb67-1800-7090-a424-250909090909', staleAfter: new Date(now + day).toISOString() },
      ...more,
    });
  const linesOf = ({ telemetry }: ReturnType<typeof world>) => telemetry.lines.map((line) => JSON.parse(line) as [string, Record<string, unknown>]).filter(([message]) => message === 'Event');

  it('is a line of each sampled event that ended, with what followed and how old it was, and none of the others', async () => {
    const one = world({ treat: () => 204 });
    one.addRaw(kickOf(one.clock.now));
    one.addRaw(kickOf(one.clock.now, { traceparent: trace('00') }));
    await one.step();
    expect(linesOf(one)).toMatchObject([
      ['Event', { subscription: 'game', eventType: kickType, traceId: '1'.repeat(32), loginId: '01a1fb67-1800-7090-a424-250909090909', outcome: 'swallowed', delivery: 'done', ageSeconds: 90, emitted: [] }],
    ]);
    expect([one.telemetry.measures.get('EventAge'), one.telemetry.counts.get('Swallowed')]).toEqual([[90, 90], 2]);
  });

  it('is a line of each failure and of what was parked, without what the endpoint said', async () => {
    const one = world({ treat: () => 400 });
    one.addRaw(kickOf(one.clock.now, { traceparent: trace('00') }));
    one.addRaw('no event');
    await one.run(120);
    const told = linesOf(one).map(([, { outcome, delivery, reason }]) => [outcome, delivery, reason]);
    expect(told).toEqual([
      ['parked', undefined, 'not an event'],
      ['failed', 'refused', 'status 400'],
      ['failed', 'refused', 'status 400'],
      ['parked', 'refused', 'status 400'],
    ]);
    expect([one.telemetry.counts.get('Refused'), one.telemetry.counts.get('Rejected'), one.telemetry.counts.get('Parked'), one.telemetry.counts.get('Failed')]).toEqual([3, 2, 2, 2]);
  });

  it('is nothing of what was to be parked and could not be, but that it failed', async () => {
    const one = world({ treat: () => 204 });
    one.deadLetterQueue.isDown = true;
    one.addRaw('no event');
    await one.step();
    expect([linesOf(one), one.queued(), one.telemetry.counts.get('Parked'), one.telemetry.counts.get('Failed')]).toEqual([[], 1, undefined, 1]);
    one.deadLetterQueue.isDown = false;
    // It comes back soon, and not only after the queue's whole time-out of minutes.
    await one.run(30);
    expect([linesOf(one).length, one.queued(), one.telemetry.counts.get('Parked'), one.telemetry.counts.get('Failed')]).toEqual([1, 0, 1, 1]);
  });

  it.each([
    ['that does not answer well', 503],
    ['whose replies the bus does not confirm', 'kicked'],
  ] as const)('is that an event failed and comes back, each time, at an endpoint %s', async (_, treatment) => {
    const one = world({ treat: () => treatment });
    one.bus.isDown = true;
    one.addRaw(kickOf(one.clock.now, { id: 'kick' }));
    await one.run(10);
    expect(one.telemetry.counts.get('Refused') ?? 0).toBe(0);
    expect(one.telemetry.counts.get('Failed')).toBe(one.posts.length);
    expect(one.posts.length).toBeGreaterThan(1);
  });

  it('is whether its breaker is open, at each batch and each minute', async () => {
    const works = world({ treat: () => 204 });
    works.add('one');
    await works.step();
    await works.tick();
    expect(works.telemetry.measures.get('BreakerOpen')).toEqual([0, 0]);
    const fails = world({ treat: () => 503 });
    fails.add(...ids(30));
    await fails.run(30);
    await fails.tick();
    expect(fails.telemetry.measures.get('BreakerOpen')?.at(-1)).toBe(1);
  });

  it('is nothing of the canary, which its endpoint does not hear of', async () => {
    const one = world({ treat: () => 204 });
    one.addRaw(kickOf(one.clock.now, { subject: canaryAccount }));
    await one.step();
    expect([one.posts, one.queued(), linesOf(one), one.telemetry.measures.get('EventAge')]).toEqual([[], 0, [], undefined]);
    expect([...one.telemetry.counts.values()].filter((count) => count > 0)).toEqual([]);
  });
});

import type { MSKRecord } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canaryAccount } from '../../lambdas/contracts/metrics.ts';
import { eventType } from '../../lambdas/contracts/names.ts';
import { closedBreaker } from '../../lambdas/http-bridge/breaker.ts';
import { partitionsOf } from '../../lambdas/http-bridge/partitions.ts';
import { randomOf } from '../../local/sample/random.ts';
import { memoryBus, memoryTelemetry } from '../support/records.ts';
import { memoryBreakers, subscriptionTo, type Treatment } from './set-up.ts';

const kickType = eventType('action.requested');
const day = 86_400_000;

interface Options {
  readonly treat: (id: string) => Treatment;
  readonly paused?: boolean;
  readonly holdDays?: number;
  readonly share?: number;
  readonly partitions?: number;
  /** Records of each partition that the next invocation gets. */
  readonly cut?: () => number;
}

/** A subscription behind a mapping of Kafka: offsets in memory, an endpoint, a breaker, and a clock that waiting moves. */
function world({ treat, paused, holdDays, share = 4, partitions = 1, cut = () => 10 }: Options) {
  const clock = { now: Date.parse('2026-11-21T00:30:00Z') };
  const now = () => new Date(clock.now);
  const logs = Array.from({ length: partitions }, (): MSKRecord[] => []);
  const offsets = logs.map(() => 0);
  const parked = new Map<string, string>();
  const expired: string[] = [];
  const s3 = { isDown: false };
  const telemetry = memoryTelemetry();
  const bus = { isDown: false };
  const publisher = memoryBus(() => bus.isDown);
  const dice = randomOf(7);
  const { subscription, services, posts, delivered, atOnce } = subscriptionTo({ clock, treat, paused, holdDays });
  const { store, breakers } = memoryBreakers();
  const textOf = ({ value }: MSKRecord) => Buffer.from(value, 'base64').toString();
  const nameOf = (record: MSKRecord) => (textOf(record).startsWith('{') ? (JSON.parse(textOf(record)) as { id: string }).id : textOf(record));

  const makeContainer = () => partitionsOf({
    subscription,
    share,
    services,
    breakers,
    onFailure: {
      park: (records) => {
        if (s3.isDown) return Promise.resolve(new Set());
        for (const [{ record }, reason] of records) parked.set(nameOf(record), reason);
        return Promise.resolve(new Set(records.keys()));
      },
    },
    putAside: ({ record }) => {
      if (s3.isDown) return Promise.reject(new Error('down'));
      expired.push(nameOf(record));
      return Promise.resolve();
    },
    publisher,
    telemetry,
    now,
    random: () => dice.below(1000) / 1000,
    sleep: (milliseconds) => {
      clock.now += milliseconds;
      return Promise.resolve();
    },
  });
  let take = makeContainer();

  const append = (partition: number, value: string | undefined) => {
    const log = logs[partition] ?? [];
    const text = value === undefined ? {} : { value: Buffer.from(value).toString('base64') };
    log.push({ topic: 'matches', partition, offset: log.length, timestamp: clock.now, timestampType: 'CREATE_TIME', headers: [], ...text } as unknown as MSKRecord);
  };
  const envelope = (id: string, type: string, data: unknown, subject = 'player-1') =>
    JSON.stringify({ specversion: '1.0', id, source: 'test', type, subject, time: now().toISOString(), data });

  /** One invocation, as the mapping would make it. @returns what was reported, or nothing when there was nothing to hand over */
  const step = async (seconds = 45): Promise<Map<string, number> | undefined> => {
    const batch = logs.map((log, partition) => log.slice(offsets[partition], (offsets[partition] ?? 0) + cut()));
    const entries = batch.flatMap((records, partition) => (records.length === 0 ? [] : [[`matches-${partition}`, records] as const]));
    if (entries.length === 0) return undefined;
    const deadline = clock.now + seconds * 1000;
    const { batchItemFailures } = await take({ records: Object.fromEntries(entries) }, new Date(deadline));
    expect(clock.now).toBeLessThan(deadline);
    const reported = new Map(batchItemFailures.map(({ itemIdentifier: { partition, offset } }) => [partition, offset]));
    for (const [name, records] of entries) {
      const [{ partition, offset }] = records as [MSKRecord];
      offsets[partition] = reported.get(name) ?? offset + records.length;
    }
    return reported;
  };
  const hasMore = () => logs.some((log, partition) => (offsets[partition] ?? 0) < log.length);
  return {
    clock,
    store,
    subscription,
    offsets,
    posts,
    delivered,
    parked,
    expired,
    atOnce,
    telemetry,
    bus,
    s3,
    published: publisher.published,
    hasMore,
    step,
    append,
    add: (partition: number, ...ids: string[]) => {
      for (const id of ids) append(partition, envelope(id, 'studio.match.ended.v1', {}));
    },
    addCanary: (partition: number, id: string) => {
      append(partition, envelope(id, 'studio.match.ended.v1', {}, canaryAccount));
    },
    /** A kick that makes sense for some seconds from now. */
    addKick: (partition: number, seconds: number, id: string) => {
      append(partition, envelope(id, kickType, { actionId: id, response: 'kick', staleAfter: new Date(clock.now + seconds * 1000).toISOString() }));
    },
    /** Another container takes over, which knows nothing of the first. */
    restart: () => {
      take = makeContainer();
    },
    /** Invocations follow each other, a tenth of a second apart, until nothing is left or the time is over. @returns how many there were */
    run: async (seconds: number) => {
      const end = clock.now + seconds * 1000;
      let invocations = 0;
      for (; clock.now < end && hasMore(); invocations += 1) {
        await step();
        clock.now += 100;
      }
      return invocations;
    },
    heldSeconds: () => telemetry.measures.get('HeldSeconds') ?? [],
  };
}

type World = ReturnType<typeof world>;
const ids = (count: number, prefix = 'event') => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const fill = ({ add }: Pick<World, 'add'>, partitions: number, each: number) => {
  for (let partition = 0; partition < partitions; partition += 1) add(partition, ...ids(each, `p${partition}`));
};
const of = (prefix: string, all: readonly string[]) => all.filter((id) => id.startsWith(prefix));

describe('partitions', () => {
  it('are delivered in their order, side by side up to the share', async () => {
    const one = world({ treat: () => 204, partitions: 5, share: 3 });
    fill(one, 5, 40);
    await one.run(60);
    for (let partition = 0; partition < 5; partition += 1) expect(of(`p${partition}-`, one.delivered)).toEqual(ids(40, `p${partition}`));
    expect(one.atOnce.most).toBe(3);
    const alone = world({ treat: () => 204, share: 4 });
    alone.add(0, ...ids(20));
    await alone.run(60);
    expect(alone.atOnce.most).toBe(1);
  });

  it('keep their order, and end each event once, when the endpoint answers only half the time', async () => {
    let turn = 0;
    const one = world({ treat: () => ((turn += 1) % 2 ? 503 : 204), partitions: 3 });
    fill(one, 3, 30);
    await one.run(3600);
    for (let partition = 0; partition < 3; partition += 1) expect(of(`p${partition}-`, one.delivered)).toEqual(ids(30, `p${partition}`));
    expect(one.store.breaker).toEqual(closedBreaker);
  });

  it('do not wait for one whose event alone never goes through', async () => {
    const one = world({ treat: (id) => (id === 'p0-3' ? 500 : 204), partitions: 3 });
    fill(one, 3, 100);
    const start = one.clock.now;
    while (one.offsets[1] !== 100 || one.offsets[2] !== 100) await one.step();
    expect(one.clock.now - start).toBeLessThan(20_000);
    await one.run(7200);
    expect(one.offsets).toEqual([3, 100, 100]);
    expect(of('p0-', one.delivered)).toEqual(['p0-0', 'p0-1', 'p0-2']);
    // About one a minute in the end.
    expect(one.posts.filter(({ id }) => id === 'p0-3').length).toBeLessThan(150);
  });

  it('that an invocation has no time for are reported at once, without a wait', async () => {
    const one = world({ treat: () => 204, partitions: 2 });
    fill(one, 2, 3);
    const start = one.clock.now;
    expect(await one.step(14)).toEqual(new Map([['matches-0', 0], ['matches-1', 0]]));
    expect([one.clock.now - start, one.posts.length]).toEqual([0, 0]);
  });

  it('all get their time from a slow endpoint, though an invocation has time for one event only', async () => {
    const one = world({ treat: () => ((one.clock.now += 10_000), 204), partitions: 3, share: 1 });
    fill(one, 3, 100);
    for (let invocation = 0; invocation < 60; invocation += 1) await one.step(19.5);
    for (const offset of one.offsets) expect(offset).toBeGreaterThan(8);
  });

  it('pass tombstones, and what is no event, which is parked at once', async () => {
    const one = world({ treat: () => 204 });
    one.append(0, undefined);
    one.append(0, 'not JSON');
    one.add(0, 'good');
    await one.run(60);
    expect([one.offsets, one.delivered, [...one.parked]]).toEqual([[3], ['good'], [['not JSON', 'not an event']]]);
    expect([one.telemetry.counts.get('Swallowed'), one.telemetry.counts.get('Parked')]).toEqual([2, 1]);
  });

  it('stand at what cannot be parked until it can be', async () => {
    const one = world({ treat: () => 204 });
    one.append(0, 'not JSON');
    one.add(0, 'good');
    one.s3.isDown = true;
    expect(await one.run(120)).toBeLessThan(30);
    expect([one.offsets, one.delivered]).toEqual([[0], []]);
    expect(one.telemetry.counts.get('Failed')).toBeGreaterThan(0);
    one.s3.isDown = false;
    await one.run(120);
    expect([one.offsets, one.delivered, one.parked.size]).toEqual([[2], ['good'], 1]);
  });
});

describe('an endpoint that does not work', () => {
  it('holds none of the canary, which waits behind what is held and counts as nothing', async () => {
    const one = world({ treat: () => 503 });
    one.add(0, 'first');
    one.addCanary(0, 'canary');
    one.add(0, 'second');
    await one.step();
    expect([one.telemetry.counts.get('Received'), one.telemetry.counts.get('Held'), one.telemetry.counts.get('Failed')]).toEqual([2, 2, 1]);
  });

  it('holds its offsets, at about a delivery a minute and no busy loop, and all arrives in order, once, when it is back', async () => {
    let works = false;
    const one = world({ treat: () => (works ? 204 : 503), partitions: 4 });
    fill(one, 4, 100);
    const invocations = await one.run(3600);
    expect(one.store.breaker.state).toBe('open');
    expect(one.offsets).toEqual([0, 0, 0, 0]);
    expect(one.posts.length).toBeGreaterThan(50);
    expect(one.posts.length).toBeLessThan(100);
    expect(invocations).toBeLessThan(220);
    works = true;
    const back = one.clock.now;
    await one.run(3600);
    expect(one.clock.now - back).toBeLessThan(125_000);
    for (let partition = 0; partition < 4; partition += 1) expect(of(`p${partition}-`, one.delivered)).toEqual(ids(100, `p${partition}`));
    expect(one.parked.size).toBe(0);
  });

  it('is left alone from the moment at which the breaker opens', async () => {
    const one = world({ treat: () => 503, partitions: 30, share: 1 });
    fill(one, 30, 2);
    await one.step();
    expect([one.posts.length, one.store.breaker.state]).toEqual([10, 'open']);
  });

  it('gets all that an invocation holds as soon as its probe is answered', async () => {
    let status = 503;
    const one = world({ treat: () => status, partitions: 4 });
    for (let round = 0; round < 10; round += 1) {
      status = 503;
      fill(one, 4, 5);
      await one.run(600);
      expect(one.store.breaker.state).toBe('open');
      status = 204;
      while (one.store.breaker.state === 'open') await one.step();
      expect(one.hasMore()).toBe(false);
    }
  });

  it('gets nothing but one probe at a time while the breaker is open, whatever containers there are', async () => {
    const one = world({ treat: () => 503, partitions: 6 });
    fill(one, 6, 10);
    while (one.store.breaker.state === 'closed') await one.step();
    one.posts.length = 0;
    one.atOnce.most = 0;
    for (let round = 0; round < 100; round += 1) {
      one.restart();
      const { probeAt } = one.store.breaker;
      const before = one.posts.length;
      const start = one.clock.now;
      await one.step();
      expect(one.posts.length - before).toBeLessThanOrEqual(Date.parse(probeAt) <= start ? 1 : 0);
    }
    expect([one.atOnce.most, one.posts.length > 10]).toEqual([1, true]);
  });

  it('is probed by one of two invocations that come at the same moment', async () => {
    const one = world({ treat: () => 503, partitions: 2 });
    fill(one, 2, 10);
    while (one.store.breaker.state === 'closed') await one.step();
    one.clock.now = Date.parse(one.store.breaker.probeAt);
    one.posts.length = 0;
    await Promise.all([one.step(), one.step()]);
    expect(one.posts).toHaveLength(1);
  });

  it('is tried at growing distances by a single partition, before the breaker opens, too', async () => {
    const one = world({ treat: () => 503 });
    one.add(0, 'event');
    await one.run(60);
    expect(one.store.breaker.state).toBe('closed');
    const gaps = one.posts.slice(1).map(({ at }, index) => (at - (one.posts[index]?.at ?? 0)) / 1000);
    for (const [index, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual(0.75 * 2 ** index);
  });

  it('that says Retry-After gets nothing until then, whatever is on its way at that moment', async () => {
    let posts = 0;
    const one = world({ treat: () => ((posts += 1) === 2 ? { status: 503, retryAfter: '1800' } : 500), partitions: 4 });
    fill(one, 4, 10);
    await one.step();
    const before = one.posts.length;
    expect(before).toBeLessThanOrEqual(4);
    await one.run(1750);
    expect(one.posts.length).toBe(before);
    await one.run(120);
    expect(one.posts.length).toBeGreaterThan(before);
  });

  it.each([
    [404, 'Misconfigured'],
    [201, 'Broken'],
    ['bug', 'Unavailable'],
    ['hang', 'Unavailable'],
  ] as const)('in the way of %s holds its events, counted as %s', async (treatment, metric) => {
    const one = world({ treat: () => treatment, partitions: 2 });
    fill(one, 2, 10);
    await one.run(600);
    expect([one.offsets, one.parked.size]).toEqual([[0, 0], 0]);
    expect(one.telemetry.counts.get(metric)).toBeGreaterThan(5);
  });

  it('is not given up when the breaker itself cannot be read: the function fails, and the offsets stand', async () => {
    const one = world({ treat: () => 204 });
    one.add(0, 'event');
    const { store } = one;
    const { breaker } = store;
    Object.defineProperty(store, 'breaker', { configurable: true, get: () => { throw new Error('down'); } });
    await expect(one.step()).rejects.toThrow('down');
    Object.defineProperty(store, 'breaker', { value: breaker, writable: true });
    await one.run(60);
    expect([one.offsets, one.delivered]).toEqual([[1], ['event']]);
  });
});

describe('an event that the endpoint refuses', () => {
  it('is tried 3 times in a row and parked with the reason, and its partition goes on', async () => {
    const one = world({ treat: (id) => (id === 'event-3' ? 422 : 204) });
    one.add(0, ...ids(10));
    expect(await one.step()).toEqual(new Map());
    expect(one.posts.map(({ id }) => id)).toEqual([...ids(4), 'event-3', 'event-3', ...ids(10).slice(4)]);
    expect([...one.parked]).toEqual([['event-3', 'status 422: no']]);
    expect([one.telemetry.counts.get('Refused'), one.telemetry.counts.get('Parked')]).toEqual([3, 1]);
    expect(one.store.breaker).toEqual(closedBreaker);
  });

  it('slowly is parked after 3 tries as well', async () => {
    const one = world({ treat: () => 422 });
    one.add(0, 'event');
    // Time for one try only.
    for (let invocation = 0; invocation < 3; invocation += 1) {
      expect(one.parked.size).toBe(0);
      await one.step(19.5);
    }
    expect([one.posts.length, one.parked.size, one.hasMore()]).toEqual([3, 1, false]);
  });

  it('is not blamed for what the one before it was refused for, which another container ended', async () => {
    const one = world({ treat: () => 422 });
    one.add(0, 'first', 'second');
    await one.step(19.5);
    await one.step(19.5);
    one.offsets[0] = 1;
    await one.step();
    expect(one.posts.filter(({ id }) => id === 'second')).toHaveLength(3);
  });

  it('shows that the endpoint is alive: the breaker closes, and it is tried 3 times in all', async () => {
    let status = 503;
    const one = world({ treat: () => status, partitions: 4 });
    fill(one, 4, 3);
    await one.run(300);
    expect(one.store.breaker.state).toBe('open');
    status = 400;
    one.posts.length = 0;
    await one.run(300);
    expect(one.store.breaker.state).toBe('closed');
    expect([one.parked.size, one.posts.length]).toEqual([12, 36]);
  });
});

describe('an action that is stale', () => {
  it('ends at its turn as stale, once, without a post and without being a probe', async () => {
    let works = false;
    const one = world({ treat: () => (works ? 204 : 503), partitions: 4 });
    fill(one, 4, 3);
    await one.run(300);
    expect(one.store.breaker.state).toBe('open');
    one.clock.now = Date.parse(one.store.breaker.probeAt) + 1000;
    const stale = world({ treat: () => 503 });
    stale.store.breaker = one.store.breaker;
    stale.clock.now = one.clock.now;
    stale.addKick(0, -1, 'late');
    await stale.run(60);
    expect([stale.offsets, stale.posts.length, stale.store.breaker]).toEqual([[1], 0, one.store.breaker]);
    expect(stale.published.map(({ data }) => data)).toEqual([{ actionId: 'late', outcome: 'stale' }]);

    for (let kick = 0; kick < 5; kick += 1) one.addKick(0, 300, `kick-${kick}`);
    await one.run(86_400);
    works = true;
    await one.run(3600);
    expect([one.hasMore(), of('kick', one.delivered), one.telemetry.counts.get('Stale')]).toEqual([false, [], 5]);
    expect(one.published).toHaveLength(5);
  });

  it('ends when the subscription is paused, too, and stays until the bus has confirmed how it ended', async () => {
    const one = world({ treat: () => 204, paused: true });
    one.addKick(0, -1, 'late');
    one.addKick(0, 3600, 'in-time');
    one.bus.isDown = true;
    expect(await one.run(120)).toBeLessThan(20);
    expect(one.offsets).toEqual([0]);
    one.bus.isDown = false;
    await one.run(120);
    expect([one.offsets, one.posts.length, one.published.length]).toEqual([[1], 0, 1]);
  });
});

describe('a reply', () => {
  it('is confirmed before its event counts as done; the partition stands there, and the endpoint is not asked at full pace', async () => {
    const one = world({ treat: () => 'kicked' });
    one.addKick(0, 3600, 'first');
    one.addKick(0, 3600, 'second');
    one.bus.isDown = true;
    await one.run(120);
    expect(one.offsets).toEqual([0]);
    expect(new Set(one.delivered)).toEqual(new Set(['first']));
    expect(one.posts.length).toBeLessThan(10);
    expect([one.store.breaker.state, one.expired.length]).toEqual(['closed', 0]);
    one.bus.isDown = false;
    await one.run(120);
    expect(one.published.map(({ data }) => (data as { actionId: string }).actionId)).toEqual(['first', 'second']);
  });

  it('that the bus does not take never has its event put aside, however old it is: the endpoint took it', async () => {
    let works = false;
    const one = world({ treat: (id) => (id === 'kick' ? (works ? 'kicked' : 503) : 204), partitions: 2, holdDays: 1 });
    one.addKick(0, 30 * 86_400, 'kick');
    const goOn = async (rounds: number) => {
      for (let round = 0; round < rounds; round += 1) {
        one.add(1, `other-${one.clock.now}`);
        await one.step();
        one.clock.now += 1000;
      }
    };
    await goOn(900);
    one.clock.now += 2 * day;
    works = true;
    one.bus.isDown = true;
    await goOn(300);
    expect([one.delivered.includes('kick'), one.expired]).toEqual([true, []]);
    one.bus.isDown = false;
    await goOn(100);
    expect([one.offsets[0], one.published.length]).toEqual([1, 1]);
  });
});

describe('holding', () => {
  it('a paused subscription holds everything, waits in its invocations, and delivers when it goes on', async () => {
    const one = world({ treat: () => 204, paused: true, partitions: 2 });
    fill(one, 2, 10);
    expect(await one.run(600)).toBeLessThan(20);
    expect([one.posts.length, one.offsets]).toEqual([0, [0, 0]]);
    one.subscription.paused = false;
    await one.run(60);
    expect(one.delivered).toHaveLength(20);
  });

  it('ends after the hold time: events are put aside, operators are told before, and younger ones stay', async () => {
    const one = world({ treat: () => 503, holdDays: 2, partitions: 2 });
    fill(one, 2, 10);
    await one.run(600);
    one.clock.now += 1.9 * day;
    one.add(0, 'young');
    await one.run(120);
    expect(one.expired).toEqual([]);
    expect(one.heldSeconds().at(-1)).toBeGreaterThan(0.7 * 2 * 86_400);
    one.clock.now += 0.2 * day;
    one.s3.isDown = true;
    await one.run(120);
    expect(one.offsets).toEqual([0, 0]);
    one.s3.isDown = false;
    await one.run(240);
    expect(of('p0-', one.expired)).toEqual(ids(10, 'p0'));
    expect([one.expired.length, one.telemetry.counts.get('Expired'), one.offsets]).toEqual([20, 20, [10, 10]]);
    expect(one.hasMore()).toBe(true);
  });

  it('is not over for an old event that has met one bad moment only, but is for one that never goes through', async () => {
    let failures = 1;
    const one = world({ treat: (id) => (id.startsWith('p0') || (failures -= 1) === 0 ? 503 : 204), partitions: 2 });
    fill(one, 2, 3);
    one.clock.now += 11 * day;
    await one.run(3);
    expect([one.expired, of('p1', one.delivered)]).toEqual([[], ids(3, 'p1')]);
    // Others go through all the time: the breaker stays closed.
    for (let round = 0; round < 1000; round += 1) {
      one.add(1, `p1-more-${round}`);
      await one.step();
      one.clock.now += 1000;
    }
    expect(one.store.breaker).toEqual(closedBreaker);
    expect(one.expired).toEqual(['p0-0', 'p0-1', 'p0-2'].slice(0, one.expired.length));
    expect(one.expired.length).toBeGreaterThan(0);
  });
});

it('each event ends exactly once, as done, parked, put aside or stale, in its partition’s order, whatever the endpoint does', async () => {
  const treatment = fc.oneof(
    fc.constantFrom<Treatment>(204, 500, 503, 404, 302, 201, 422, 'hang', 'bug'),
    fc.record({ status: fc.constantFrom(429, 503), retryAfter: fc.constantFrom('1', '20', '100') }),
  );
  const kind = fc.oneof({ weight: 6, arbitrary: fc.constant('event' as const) }, fc.constantFrom('kick', 'late', 'bad', 'tombstone', 'refused', 'old'));
  const entry = fc.record({ partition: fc.nat(3), kind });
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { minLength: 1, maxLength: 60 }),
      fc.array(treatment, { maxLength: 150 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.nat(12)),
      fc.array(fc.boolean()),
      async (entries, treatments, cuts, share, restarts, busDown) => {
        const open = [...treatments];
        let turn = 0;
        const one = world({
          treat: (id) => open.shift() ?? (id.includes('refused') ? 400 : id.includes('old') ? 503 : 204),
          partitions: 4,
          share,
          cut: () => cuts[(turn += 1) % cuts.length] ?? 1,
        });
        const start = one.clock.now;
        const names = entries.map(({ partition, kind }, index) => {
          const id = `${kind}-${index}`;
          one.clock.now = kind === 'old' ? start - 11 * day : start;
          if (kind === 'tombstone') one.append(partition, undefined);
          else if (kind === 'bad') one.append(partition, id);
          else if (kind === 'kick' || kind === 'late') one.addKick(partition, kind === 'late' ? -1 : 30, id);
          else one.add(partition, id);
          return { id, partition, kind };
        });
        one.clock.now = start;
        for (let round = 0; round < 30 && one.hasMore(); round += 1) {
          if (restarts.includes(round)) one.restart();
          one.bus.isDown = busDown[round] ?? false;
          await one.step();
          one.clock.now += 100;
        }
        one.bus.isDown = false;
        await one.run(2 * 3600);
        expect(one.hasMore()).toBe(false);

        const ends = [...one.delivered, ...one.parked.keys(), ...one.expired, ...one.published.map(({ data }) => (data as { actionId: string }).actionId)];
        expect(ends.toSorted()).toEqual(names.flatMap(({ id, kind }) => (kind === 'tombstone' ? [] : [id])).toSorted());
        // What was not refused by anybody is delivered; what never worked is put aside after its time.
        for (const { id, kind } of names) if (kind === 'late') expect(one.posts.some((post) => post.id === id)).toBe(false);
        for (const id of one.expired) expect(id).toContain('old');
        // Once an event of a partition was posted, none before it is.
        for (const partition of [0, 1, 2, 3]) {
          const order = names.filter((each) => each.partition === partition).map(({ id }) => id);
          const places = one.posts.flatMap(({ id }) => (order.includes(id) ? [order.indexOf(id)] : []));
          expect(places).toEqual(places.toSorted((a, b) => a - b));
        }
      },
    ),
    { numRuns: 150 },
  );
});

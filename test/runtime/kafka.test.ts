import type { MSKEvent, MSKRecord } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { consumer, type Handlers } from '../../lambdas/runtime/consumer.ts';
import { ComeBackError } from '../../lambdas/runtime/failures.ts';
import { areLoopback } from '../../lambdas/runtime/kafka/connection.ts';
import { onFailureBucket } from '../../lambdas/runtime/kafka/on-failure.ts';
import { partitionInbox } from '../../lambdas/runtime/kafka/partition-inbox.ts';
import { kafkaPublisher, type Message, type Producer } from '../../lambdas/runtime/kafka/publisher.ts';
import type { KafkaRecord } from '../../lambdas/runtime/kafka/records.ts';
import { eventOf } from '../support/logins.ts';
import { memoryBus, memoryTelemetry } from '../support/records.ts';

const moment = new Date('2026-11-21T00:00:00Z');
const topic = 'password-changed';
const changed = (account: string, id: string) => ({ ...eventOf('password.changed', account, { changedAt: moment.toISOString() }), id });

/** A record as a mapping of Kafka hands it over. */
const recordOf = (partition: number, offset: number, key: string | undefined, value: string | undefined): MSKRecord =>
  ({
    topic,
    partition,
    offset,
    timestamp: moment.getTime(),
    timestampType: 'CREATE_TIME',
    ...(key !== undefined && { key: Buffer.from(key).toString('base64') }),
    ...(value !== undefined && { value: Buffer.from(value).toString('base64') }),
    headers: [{ 'a-header-of-somebody-else': [1, 2, 255] }],
  }) as unknown as MSKRecord;

const eventWith = (records: readonly MSKRecord[]): MSKEvent => ({
  eventSource: 'aws:kafka',
  bootstrapServers: '127.0.0.1:9092',
  eventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/test/1',
  records: Object.groupBy(records, ({ topic: name, partition }) => `${name}-${partition}`) as MSKEvent['records'],
});

/** A consumer of `password.changed` behind partitions, with what it parked and how long it waited. */
function setUp(handlers: Handlers<undefined>, bus = memoryBus()) {
  const parked = new Map<string, string>();
  const waits: number[] = [];
  const telemetry = memoryTelemetry();
  const inbox = partitionInbox({
    onFailure: {
      park: (records: ReadonlyMap<KafkaRecord, string>) => {
        for (const [{ partition, record }, reason] of records) parked.set(`${partition}@${record.offset}`, reason);
        return Promise.resolve(new Set(records.keys()));
      },
    },
    now: () => moment,
    random: () => 0,
    sleep: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  });
  const run = consumer({ service: 'test', handlers, services: undefined, publisher: bus, inbox, telemetry, now: () => moment });
  return {
    bus,
    parked,
    waits,
    telemetry,
    run: async (records: readonly MSKRecord[], seconds = 10) =>
      (await run(eventWith(records), new Date(moment.getTime() + seconds * 1000))).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
  };
}

describe('the records of Kafka', () => {
  it('keep the order of each account, whatever fails, and each partition goes on from its first that is not done', async () => {
    const step = fc.record({ partition: fc.nat(2), account: fc.nat(3), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.infiniteStream(fc.nat(3)), async (steps, pauses) => {
        const done: { account: string; order: number }[] = [];
        const failing = new Set(steps.flatMap(({ fails }, order) => (fails ? [String(order)] : [])));
        const next = pauses[Symbol.iterator]();
        const { run } = setUp({
          'password.changed': async ({ id, subject }) => {
            for (let pause = next.next().value as number; pause > 0; pause -= 1) await Promise.resolve();
            if (failing.has(id)) throw new Error('down');
            done.push({ account: subject, order: Number(id) });
          },
        });
        const accountOf = ({ partition, account }: { partition: number; account: number }) => `player-${partition}-${account}`;
        const records = steps.map((each, order) => recordOf(each.partition, order, accountOf(each), JSON.stringify(changed(accountOf(each), String(order)))));
        const undone = new Map((await run(records)).map(({ partition, offset }) => [partition, offset]));
        for (const partition of [0, 1, 2]) {
          const firstFailed = steps.findIndex((each) => each.partition === partition && each.fails);
          expect(undone.get(`${topic}-${partition}`)).toBe(firstFailed === -1 ? undefined : firstFailed);
        }
        for (const account of new Set(done.map((each) => each.account))) {
          const orders = done.flatMap((each) => (each.account === account ? [each.order] : []));
          expect(orders).toEqual(orders.toSorted((a, b) => a - b));
          // None past one that failed.
          const failed = steps.findIndex((each) => accountOf(each) === account && each.fails);
          if (failed !== -1) expect(Math.max(...orders)).toBeLessThan(failed);
        }
        // Another account's failure keeps nobody back.
        for (const [order, each] of steps.entries()) {
          const isBehind = steps.some((other, at) => at <= order && other.fails && accountOf(other) === accountOf(each));
          expect(done.some((one) => one.order === order)).toBe(!isBehind);
        }
      }),
    );
  });

  it('that can never be understood are parked at once with the reason, and their neighbours, of the same account too, are done', async () => {
    const seen: string[] = [];
    const { run, parked, telemetry } = setUp({ 'password.changed': ({ id }) => void seen.push(id) });
    const good = (offset: number) => recordOf(0, offset, 'ann', JSON.stringify(changed('ann', String(offset))));
    expect(await run([good(0), recordOf(0, 1, 'ann', '{'), good(2), recordOf(0, 3, undefined, 'nobody')])).toEqual([]);
    expect(seen).toEqual(['0', '2']);
    expect(parked).toEqual(new Map([[`${topic}-0@1`, 'not JSON'], [`${topic}-0@3`, 'not JSON']]));
    expect(telemetry.counts.get('Parked')).toBe(2);
  });

  it('without a value are nobody’s events, and pass', async () => {
    const { run, parked, telemetry } = setUp({ 'password.changed': () => undefined });
    expect(await run([recordOf(0, 0, 'ann', undefined), recordOf(0, 1, undefined, undefined)])).toEqual([]);
    expect(parked.size).toBe(0);
    expect(telemetry.counts.get('Swallowed')).toBe(2);
  });

  it('that failed are reported after a while, which their handler may say and the invocation bounds', async () => {
    const failing = (error: Error) => setUp({ 'password.changed': () => { throw error; } });
    const record = recordOf(0, 7, 'ann', JSON.stringify(changed('ann', '7')));
    const usual = failing(new Error('down'));
    expect(await usual.run([record])).toEqual([{ partition: `${topic}-0`, offset: 7 }]);
    expect(usual.waits).toEqual([1000]);
    const later = failing(new ComeBackError('quota', 5));
    await later.run([record]);
    expect(later.waits).toEqual([5000]);
    const bounded = failing(new ComeBackError('quota', 600));
    await bounded.run([record], 10);
    expect(bounded.waits[0]).toBeLessThan(10_000);
  });

  it('count as done only when the bus has confirmed what followed from them', async () => {
    const bus = memoryBus(({ subject }) => subject === 'ben');
    const { run } = setUp({ 'password.changed': ({ data: { changedAt } }) => ({ name: 'account.erased', data: { erasedAt: changedAt } }) }, bus);
    const records = ['ann', 'ben', 'ann'].map((account, offset) => recordOf(0, offset, account, JSON.stringify(changed(account, String(offset)))));
    expect(await run(records)).toEqual([{ partition: `${topic}-0`, offset: 1 }]);
  });

  it('lie whole in the bucket when they were parked, twice under the same key, and are not taken for parked when it refused them', async () => {
    const objects = new Map<string, string>();
    const send = (({ input }: { input: { Key: string; Body: string } }) => {
      if (input.Key.endsWith('/9.json')) return Promise.reject(new Error('down'));
      objects.set(input.Key, input.Body);
      return Promise.resolve({});
    }) as never;
    const bucket = onFailureBucket({ send }, 'bucket', 'parked/');
    const each = (offset: number): KafkaRecord => ({ partition: `${topic}-1`, record: recordOf(1, offset, 'ann', 'poison'), body: 'poison' });
    const records = new Map([[each(8), 'not JSON'], [each(9), 'not JSON']]);
    expect([...(await bucket.park(records))].map(({ record }) => record.offset)).toEqual([8]);
    await bucket.park(records);
    expect([...objects.keys()]).toEqual([`parked/${topic}/1/8.json`]);
    expect(JSON.parse(objects.get(`parked/${topic}/1/8.json`) ?? '')).toEqual({ reason: 'not JSON', record: recordOf(1, 8, 'ann', 'poison') });
  });
});

describe('publishing on Kafka', () => {
  const topics = new Map([['loginward.password.changed.v1', 'a'], ['loginward.account.erased.v1', 'b']]);
  const erased = (id: string) => ({ ...eventOf('account.erased', 'ann', { erasedAt: moment.toISOString() }), id });

  /** Producers that fail as the test says. */
  function cluster(fails: (messages: readonly Message[], producer: number) => Error | undefined | 'hang') {
    const sent: { producer: number; messages: readonly Message[] }[] = [];
    let producers = 0;
    const closed: number[] = [];
    const connect = (): Promise<Producer> => {
      producers += 1;
      const mine = producers;
      return Promise.resolve({
        send: (messages) => {
          const failure = fails(messages, mine);
          if (failure === 'hang') return new Promise(() => undefined);
          if (failure) return Promise.reject(failure);
          sent.push({ producer: mine, messages });
          return Promise.resolve();
        },
        close: () => Promise.resolve(void closed.push(mine)),
      });
    };
    return { sent, closed, publisher: kafkaPublisher(connect, topics), producers: () => producers };
  }

  it('keys by account, sends the events of a topic together, in their order, and keeps its one connection', async () => {
    const { publisher, sent, producers } = cluster(() => undefined);
    expect(producers()).toBe(0);
    expect((await publisher.publish([changed('ann', '1'), erased('2'), changed('ben', '3')])).size).toBe(0);
    await publisher.publish([changed('ann', '4')]);
    expect(sent.map(({ messages }) => messages.map(({ topic: name, key, value }) => [name, key, (JSON.parse(value) as { id: string }).id]))).toEqual([
      [['a', 'ann', '1'], ['a', 'ben', '3']],
      [['b', 'ann', '2']],
      [['a', 'ann', '4']],
    ]);
    expect(producers()).toBe(1);
  });

  it('reports exactly the events that were not confirmed, and goes on with a new producer', async () => {
    const { publisher, sent, closed } = cluster(([first], producer) => (first?.topic === 'a' && producer === 1 ? Object.assign(new Error(), { name: 'NotEnoughReplicas' }) : undefined));
    const events = [changed('ann', '1'), erased('2'), changed('ben', '3')];
    const unconfirmed = await publisher.publish(events);
    expect([...unconfirmed]).toEqual([[events[0], 'NotEnoughReplicas'], [events[2], 'NotEnoughReplicas']]);
    expect(sent).toMatchObject([{ producer: 2, messages: [{ topic: 'b' }] }]);
    expect(closed).toEqual([1]);
    expect((await publisher.publish([changed('ann', '1')])).size).toBe(0);
  });

  it('reports an event that is larger than SNS would take, and only that', async () => {
    const { publisher, sent } = cluster(() => undefined);
    const large = { ...changed('ann', '1'), data: 'x'.repeat(300 * 1024) };
    const unconfirmed = await publisher.publish([large, changed('ben', '2')]);
    expect([...unconfirmed]).toEqual([[large, 'MessageTooLarge']]);
    expect(sent.flatMap(({ messages }) => messages)).toHaveLength(1);
  });

  it('has no producer without TLS but to this very machine', () => {
    expect(areLoopback(['127.0.0.1:9092', '[::1]:9092'])).toBe(true);
    for (const brokers of [['127.0.0.1:9092', '10.0.0.1:9092'], ['localhost:9092'], ['127.0.0.1.example.com:9092'], ['b-1.example.com:9098']]) expect(areLoopback(brokers)).toBe(false);
  });
});

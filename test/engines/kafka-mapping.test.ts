import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { MSKEvent, MSKRecord } from 'aws-lambda';
import type { Admin, Message, Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openBuckets } from '../../local/aws/buckets.ts';
import { kafkaClient } from '../../local/kafka/client.ts';
import { readPattern } from '../../local/kafka/filter.ts';
import { type KafkaPoller, startKafkaMapping } from '../../local/kafka/mapping.ts';
import type { KafkaMapping } from '../../local/model.ts';
import { startTestBroker, type TestBroker } from '../support/brokers.ts';

/** What an event source mapping of Kafka promises, on a real broker; a plain function stands for the Lambda. */
let engine: TestBroker;
let admin: Admin;
let producer: Producer;
beforeAll(async () => {
  engine = await startTestBroker();
  const kafka = kafkaClient(engine.brokers, { retries: 20 });
  admin = kafka.admin();
  producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
});
afterAll(async () => {
  await Promise.all([admin?.disconnect(), producer?.disconnect()]);
  await engine?.remove();
});

const running = new Set<KafkaPoller>();
afterEach(async () => {
  await Promise.all([...running].map((poller) => poller.stop()));
  running.clear();
});

/** A topic with a mapping that reads it. */
async function setUp(changes: Partial<KafkaMapping> = {}, partitions = 1) {
  const topic = `topic-${randomUUID()}`;
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }], waitForLeaders: true });
  const mapping: KafkaMapping = {
    id: randomUUID(),
    functionName: 'consumer',
    clusterArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/test/1',
    topic,
    group: `group-of-${topic}`,
    batchSize: 10,
    windowSeconds: 0,
    reportsFailures: true,
    bisects: true,
    maxRetries: 2,
    destination: 'failures',
    filters: [],
    isEnabled: true,
    ...changes,
  };
  const buckets = openBuckets(new DatabaseSync(':memory:'));
  const reports: string[] = [];
  const start = async (handler: (records: readonly Read[], event: MSKEvent) => unknown): Promise<KafkaPoller> => {
    const invoke = async (event: unknown) => handler(Object.values((event as MSKEvent).records).flat().map(read), event as MSKEvent);
    const poller = await startKafkaMapping(mapping, {
      kafka: kafkaClient(engine.brokers),
      brokers: engine.brokers,
      invoke,
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:consumer',
      buckets,
      now: () => new Date(),
      measure: () => undefined,
      report: (what) => reports.push(what),
      backoff: () => 10,
    });
    running.add(poller);
    return poller;
  };
  const send = async (...messages: Message[]): Promise<void> => {
    await producer.send({ topic, messages });
  };
  /** Records behind the group's offset. */
  const lag = async (): Promise<number> => {
    const [ends, [group]] = await Promise.all([admin.fetchTopicOffsets(topic), admin.fetchOffsets({ groupId: mapping.group, topics: [topic] })]);
    return ends.reduce((sum, { partition, high }) => {
      const committed = Number(group?.partitions.find((each) => each.partition === partition)?.offset ?? -1);
      return sum + Number(high) - Math.max(0, committed);
    }, 0);
  };
  const failures = () => buckets.list('failures', '', 100).map((key) => ({ key, ...JSON.parse(buckets.get('failures', key) ?? '') }));
  return { topic, mapping, start, send, lag, failures, reports };
}

/** A record with its key and value as text. */
interface Read {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}
const text = (base64: string | null): string | null => (base64 === null ? null : Buffer.from(base64, 'base64').toString());
const read = ({ partition, offset, key, value }: MSKRecord): Read => ({ partition, offset, key: text(key), value: text(value) });
const numbered = (count: number, from = 0): Message[] => Array.from({ length: count }, (_, index) => ({ key: 'a', value: String(from + index) }));
const upTo = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => String(from + index));
const failed = (topic: string, { partition, offset }: Read) => ({ batchItemFailures: [{ itemIdentifier: { partition: `${topic}-${partition}`, offset } }] });
const until = (condition: () => unknown): Promise<unknown> => vi.waitFor(condition, { timeout: 30_000, interval: 25 });

describe('an event source mapping of Kafka', () => {
  it('hands records on as Lambda does, in order, from the beginning of the topic, in batches of at most its size', async () => {
    const { topic, start, send, lag } = await setUp();
    await send(...numbered(25), { key: 'gone', value: null }, { value: 'x', headers: { trace: 'é', many: ['1', '2'] } });
    const events: MSKEvent[] = [];
    await start((_, event) => events.push(event));
    await until(async () => expect(await lag()).toBe(0));
    const records = events.flatMap((event) => Object.values(event.records).flat());
    expect(events.map((event) => Object.keys(event.records))).toEqual(events.map(() => [`${topic}-0`]));
    expect(records.map(({ offset }) => offset)).toEqual([...Array(27).keys()]);
    expect(Math.max(...events.map((event) => Object.values(event.records).flat().length))).toBe(10);
    expect(events[0]).toMatchObject({ eventSource: 'aws:kafka', bootstrapServers: engine.brokers });
    expect(records[0]).toMatchObject({ topic, partition: 0, timestampType: 'CREATE_TIME', key: 'YQ==', value: 'MA==', headers: [] });
    expect(records[25]).toMatchObject({ value: null });
    expect(records[26]).toMatchObject({ key: null, headers: [{ trace: [0xc3, 0xa9] }, { many: [49] }, { many: [50] }] });
  });

  it('waits for a batch as long as its window', async () => {
    const { start, send, lag } = await setUp({ windowSeconds: 30, batchSize: 6 });
    const batches: number[] = [];
    await start((records) => batches.push(records.length));
    for (const message of numbered(6)) await send(message);
    await until(async () => expect(await lag()).toBe(0));
    expect(batches).toEqual([6]);
  });

  it('works on partitions side by side, and on one record after the other in each', async () => {
    const { start, send, lag } = await setUp({ batchSize: 1 }, 3);
    const values: Record<number, (string | null)[]> = { 0: [], 1: [], 2: [] };
    const busy = new Set<number>();
    const together = Promise.withResolvers<void>();
    await start(async ([record]) => {
      if (!record) return;
      expect(busy).not.toContain(record.partition);
      busy.add(record.partition);
      values[record.partition]?.push(record.value);
      // None goes on before all three are in work at once.
      if (busy.size === 3) together.resolve();
      await together.promise;
      busy.delete(record.partition);
    });
    await send(...[0, 1, 2].flatMap((partition) => upTo(5).map((value) => ({ partition, value }))));
    await until(async () => expect(await lag()).toBe(0));
    expect(values).toEqual({ 0: upTo(5), 1: upTo(5), 2: upTo(5) });
  });

  it('goes on from the record that was reported as failed', async () => {
    const { topic, start, send, lag, failures } = await setUp();
    await send(...numbered(10));
    const batches: (string | null)[][] = [];
    await start((records) => {
      batches.push(records.map(({ value }) => value));
      const fourth = batches.length === 1 && records[3];
      return fourth ? failed(topic, fourth) : undefined;
    });
    await until(async () => expect(await lag()).toBe(0));
    expect(batches).toEqual([upTo(10), upTo(7, 3)]);
    expect(failures()).toEqual([]);
  });

  it.each([
    ['throws', () => { throw new Error('no'); }],
    ['names a record that is not of the batch', (topic: string) => failed(topic, { partition: 0, offset: 4711, key: null, value: null })],
  ])('fails a batch whole when the function %s, and cuts it without counting that as a retry', async (_, answer: (topic: string) => unknown) => {
    const { topic, start, send, lag } = await setUp({ batchSize: 4, maxRetries: 0 });
    await send(...numbered(4));
    const sizes: number[] = [];
    await start((records) => {
      sizes.push(records.length);
      return records.length > 1 ? answer(topic) : undefined;
    });
    await until(async () => expect(await lag()).toBe(0));
    expect(sizes).toEqual([4, 2, 1, 1, 2, 1, 1]);
  });

  it('tries a poisoned record as often as it says, puts it away whole, and goes on with the others', async () => {
    const { topic, mapping, start, send, lag, failures } = await setUp();
    await send(...numbered(10), { value: 'poison', headers: { h: 'v' } }, ...numbered(9, 11));
    const done: (string | null)[] = [];
    let tries = 0;
    await start((records) => {
      const poisoned = records.find(({ value }) => value === 'poison');
      if (poisoned && records.length === 1) tries += 1;
      const before = records.slice(0, poisoned ? records.indexOf(poisoned) : undefined);
      done.push(...before.map(({ value }) => value));
      return poisoned ? failed(topic, poisoned) : undefined;
    });
    await until(async () => expect(await lag()).toBe(0));
    expect(done).toEqual([...upTo(10), ...upTo(9, 11)]);
    expect(tries).toBe(3);
    const [failure, ...more] = failures();
    expect(more).toEqual([]);
    expect(failure.key).toMatch(new RegExp(`^aws/lambda/${mapping.id}/\\d{4}/\\d\\d/\\d\\d/`));
    expect(failure).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
      KafkaBatchInfo: { batchSize: 1, recordsInfo: { [`${topic}-0`]: { firstRecordOffset: '10', lastRecordOffset: '10' } } },
    });
    const [record] = (JSON.parse(failure.payload) as MSKEvent).records[`${topic}-0`] ?? [];
    expect(record).toMatchObject({ offset: 10, value: Buffer.from('poison').toString('base64'), headers: [{ h: [118] }] });
  });

  it('without bisect puts the whole batch away; without a destination says that it is discarded', async () => {
    const { start, send, lag, failures, reports } = await setUp({ bisects: false, batchSize: 3, maxRetries: 1, destination: undefined });
    await send(...numbered(3));
    let calls = 0;
    await start(() => {
      calls += 1;
      throw new Error('no');
    });
    await until(async () => expect(await lag()).toBe(0));
    expect(calls).toBe(2);
    expect(failures()).toEqual([]);
    expect(reports).toEqual([expect.stringContaining('3 records')]);
  });

  it('tries for ever when it says so, and holds its own partition only', async () => {
    const { topic, start, send, lag } = await setUp({ maxRetries: -1, destination: undefined, batchSize: 1 }, 2);
    let isUp = false;
    let calls = 0;
    const done: Read[] = [];
    await start(([record]) => {
      if (record?.partition === 0 && !isUp) {
        calls += 1;
        return failed(topic, record);
      }
      done.push(...(record ? [record] : []));
      return undefined;
    });
    await send({ partition: 0, value: 'held' }, ...upTo(30).map((value) => ({ partition: 1, value })));
    await until(async () => expect(await lag()).toBe(1));
    await until(() => expect(calls).toBeGreaterThan(20));
    expect(done.map(({ value }) => value)).toEqual(upTo(30));
    isUp = true;
    await until(async () => expect(await lag()).toBe(0));
    expect(done.at(-1)?.value).toBe('held');
  });

  it('lets only pass what a filter wants', async () => {
    const filters = [readPattern('{"value":{"data":{"response":["sms","email"]}}}')];
    const { start, send, lag } = await setUp({ filters });
    const value = (data: object) => ({ value: JSON.stringify({ data }) });
    await send(value({ response: 'kick' }), value({ response: 'sms' }), { value: 'no JSON' }, { value: null }, value({}), value({ response: ['lock', 'email'] }), value({ response: 'none' }));
    const offsets: number[] = [];
    await start((records) => offsets.push(...records.map(({ offset }) => offset)));
    await until(async () => expect(await lag()).toBe(0));
    expect(offsets).toEqual([1, 5]);
  });

  it('after a stop goes on where it was, and a stop finishes what is in work', async () => {
    const { start, send, lag } = await setUp({ batchSize: 5 });
    await send(...numbered(20));
    const done: (string | null)[] = [];
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const first = await start(async (records) => {
      begun.resolve();
      await release.promise;
      done.push(...records.map(({ value }) => value));
    });
    await begun.promise;
    const stopped = first.stop();
    release.resolve();
    await stopped;
    expect(done).toEqual(upTo(5));
    expect(await lag()).toBe(15);
    await start((records) => done.push(...records.map(({ value }) => value)));
    await until(async () => expect(await lag()).toBe(0));
    expect(done).toEqual(upTo(20));
  });

  it('shares partitions with others of its group, sees new ones, and loses nothing', async () => {
    const { topic, start, send, lag } = await setUp({ batchSize: 2 }, 2);
    const seen: Read[] = [];
    const members = [new Set<number>(), new Set<number>()];
    const handlerOf = (member: number) => (records: readonly Read[]) => {
      seen.push(...records);
      for (const { partition } of records) members[member]?.add(partition);
    };
    const sendTo = (...partitions: number[]) => send(...partitions.flatMap((partition) => upTo(10).map((value) => ({ partition, key: `${partition}`, value }))));
    await start(handlerOf(0));
    await sendTo(0, 1);
    await start(handlerOf(1));
    await until(async () => {
      await sendTo(0, 1);
      expect(members[1]?.size).toBeGreaterThan(0);
    });
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
    await producer.disconnect();
    await producer.connect();
    await sendTo(2, 3);
    await until(async () => expect(await lag()).toBe(0));
    const ends = await admin.fetchTopicOffsets(topic);
    for (const { partition, high } of ends) {
      const offsets = new Set(seen.filter((each) => each.partition === partition).map(({ offset }) => offset));
      expect(offsets).toEqual(new Set(Array(Number(high)).keys()));
    }
    expect(ends).toHaveLength(4);
  });

  it('waits for a broker that was killed, and goes on when it is back', async () => {
    const { start, send, lag } = await setUp({ batchSize: 2 });
    const done = new Set<string | null>();
    const poller = await start((records) => {
      for (const { value } of records) done.add(value);
    });
    await send(...numbered(5));
    await until(() => expect(done.size).toBe(5));
    await engine.kill();
    await engine.restart();
    await send(...numbered(5, 5));
    await until(async () => expect(await lag()).toBe(0));
    expect(done).toEqual(new Set(upTo(10)));
    await until(() => expect(poller.isSettled).toBe(true));
  });
});

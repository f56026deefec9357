import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import { connectProducer } from '../../lambdas/runtime/kafka/connection.ts';
import { kafkaPublisher } from '../../lambdas/runtime/kafka/publisher.ts';
import { kafkaClient } from '../../local/kafka/client.ts';
import { plainEvent, startTestBroker, type TestBroker } from '../support/brokers.ts';
import { publishWithTokens } from '../support/tokens.ts';

let broker: TestBroker;
const topics = new Map(['a', 'b', 'killed', 'missing'].map((type) => [type, type]));
const publisher = (brokers = broker.brokers) => kafkaPublisher(() => connectProducer({ brokers: [brokers] }), topics);
beforeAll(async () => {
  broker = await startTestBroker();
  await broker.makeTopics({ a: 6, b: 6, killed: 6 });
});
afterAll(() => broker?.remove());

const idOf = (value: string | undefined): string => (JSON.parse(value ?? '{}') as CloudEvent).id;

describe('publishing to a real Kafka', () => {
  it('keeps each account in one partition and in order, and in the partition that Kafka’s own clients choose', async () => {
    const events = Array.from({ length: 500 }, (_, index) => plainEvent('a', `player-${index % 20}`, String(index)));
    const mine = publisher();
    expect((await mine.publish(events.slice(0, 250))).size).toBe(0);
    expect((await mine.publish(events.slice(250))).size).toBe(0);
    const records = await broker.read('a');
    expect(records).toHaveLength(500);
    const byKey = Map.groupBy(records, ({ key }) => key);
    expect(byKey.size).toBe(20);
    const producer = kafkaClient(broker.brokers).producer();
    await producer.connect();
    for (const [key, of] of byKey) {
      expect(of.map(({ value }) => Number(idOf(value)))).toEqual(of.map(({ value }) => Number(idOf(value))).toSorted((x, y) => x - y));
      const [sent] = await producer.send({ topic: 'b', messages: [{ key: key ?? '', value: '{}' }] });
      expect(of.map(({ partition }) => partition)).toEqual(of.map(() => sent?.partition));
    }
    await producer.disconnect();
  });

  it('reports the events of a topic that does not exist, and only those', async () => {
    const events = [plainEvent('a', 'ann', 'good'), plainEvent('missing', 'ann', 'lost'), plainEvent('b', 'ann', 'good')];
    expect([...(await publisher().publish(events)).keys()]).toEqual([events[1]]);
  });

  it('loses nothing that it confirmed, and doubles nothing by itself, while the broker is killed and comes back', async () => {
    const mine = publisher();
    const confirmed: string[] = [];
    const refused: string[] = [];
    const over = new AbortController();
    const trouble = (async () => {
      for (let round = 0; round < 2; round += 1) {
        const before = confirmed.length;
        while (confirmed.length < before + 200) await new Promise((resolve) => setTimeout(resolve, 5));
        await broker.kill();
        await broker.restart();
      }
      over.abort();
    })();
    for (let batch = 0; !over.signal.aborted || batch < 100; batch += 1) {
      const events = Array.from({ length: 10 }, (_, index) => plainEvent('killed', `player-${index}`, `${batch}-${index}`));
      const unconfirmed = await mine.publish(events);
      for (const event of events) (unconfirmed.has(event) ? refused : confirmed).push(event.id);
    }
    await trouble;
    const ids = (await broker.read('killed')).map(({ value }) => idOf(value));
    expect(new Set(confirmed).difference(new Set(ids))).toEqual(new Set());
    expect(ids).toHaveLength(new Set(ids).size);
    expect(refused.length).toBeGreaterThan(0);
  });

  it('publishes at once on a connection that went while nobody used it, as that of a function that was frozen', async () => {
    const mine = publisher();
    expect((await mine.publish([plainEvent('a', 'ann', 'before')])).size).toBe(0);
    await broker.kill();
    await broker.restart();
    expect((await mine.publish([plainEvent('a', 'ann', 'after')])).size).toBe(0);
  });

  it('reports every event within the time of a function when there is no broker, and goes on when there is', async () => {
    const mine = publisher();
    await broker.kill();
    const start = performance.now();
    const events = [plainEvent('a', 'ann', '1'), plainEvent('b', 'ann', '2')];
    expect([...(await mine.publish(events)).keys()]).toEqual(events);
    expect(performance.now() - start).toBeLessThan(9000);
    await broker.restart();
    expect((await mine.publish(events)).size).toBe(0);
  });
});

describe('publishing to a Kafka that asks for tokens', () => {
  it('shows a new one whenever the old one’s time is over, and fails no publish for it', async () => {
    const { failed, published, tokens, found } = await publishWithTokens({ reauthMilliseconds: 2000, seconds: 9 });
    expect(failed).toBe(0);
    expect(tokens).toBeGreaterThan(4);
    expect(found).toBe(published);
  });
});

import { GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Handlers } from '../../lambdas/runtime/consumer.ts';
import { type Erasure, erasureOf, hashedAccount, tombstoneDays } from '../../lambdas/runtime/erasure.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf } from '../support/logins.ts';
import { memoryBus, memoryTelemetry, queueConsumer, sqsRecord } from '../support/records.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

const now = new Date('2026-11-21T00:00:00Z');
const day = 86_400_000;
const account = 'forgotten';

/** A service that keeps the contact of an account in two tables, on purpose or by mistake after the account was erased. */
function setUp(whileHandling: (erasure: Erasure) => Promise<unknown> = () => Promise.resolve(), clock = () => now, fails = false) {
  const { tables } = database;
  const erasure = erasureOf(tables, [{ table: 'standings' }, { table: 'contacts', sortKey: 'since' }], clock);
  const handlers: Handlers<object> = {
    'contact.changed': async ({ subject, data, time }) => {
      await whileHandling(erasure);
      await tables.send(new PutCommand({ TableName: 'standings', Item: { accountId: subject, ...data } }));
      await tables.send(new PutCommand({ TableName: 'contacts', Item: { accountId: subject, since: time, ...data } }));
      if (fails) throw new Error('failed after it had written');
      return { name: 'action.completed', data: { actionId: 'a', outcome: 'done' } };
    },
  };
  const bus = memoryBus();
  const run = queueConsumer({ service: 'keeper', handlers, services: {}, erasure, publisher: bus, telemetry: memoryTelemetry(), now: () => now });
  const handle = (...events: object[]) => run({ Records: events.map((event, index) => sqsRecord(String(index), JSON.stringify(event))) });
  return { erasure, bus, handle };
}

const contact = (time: number) => eventOf('contact.changed', account, { email: 'forgotten@example.com' }, new Date(time));
const erased = eventOf('account.erased', account, { erasedAt: now.toISOString() }, now);
const everything = async (): Promise<string> => {
  const scans = await Promise.all(['standings', 'contacts'].map((TableName) => database.tables.send(new ScanCommand({ TableName }))));
  return JSON.stringify(scans.map(({ Items }) => Items));
};

describe('an account that is erased', () => {
  it('is dropped from every table of a service, which reports how much that was', async () => {
    const { handle, bus } = setUp();
    await handle(contact(1), contact(2), eventOf('contact.changed', 'other', { email: 'other@example.com' }, now));
    await handle(erased);
    expect(bus.published.at(-1)).toMatchObject({ type: 'loginward.account.erasure_reported.v1', subject: account, data: { service: 'keeper', items: 3 } });
    expect(await everything()).not.toContain(account);
    expect(await everything()).toContain('other@example.com');
  });

  it('leaves a hashed tombstone of 30 days, longer than any queue keeps an event', async () => {
    const { Item } = await database.tables.send(new GetCommand({ TableName: 'standings', Key: { accountId: hashedAccount(account) } }));
    expect(Item?.['expiresAt']).toBe(now.getTime() / 1000 + tombstoneDays * 86_400);
  });

  it('is not brought back by an event that was still on its way, and nothing follows from that', async () => {
    const { handle, bus } = setUp();
    expect(await handle(contact(3))).toEqual({ batchItemFailures: [] });
    expect(bus.published).toEqual([]);
    expect(await everything()).not.toContain(account);
  });

  it('nor by one that is being handled in that very moment', async () => {
    const { handle } = setUp((erasure) => erasure.erase(account, now.toISOString()));
    await handle(contact(4));
    expect(await everything()).not.toContain(account);
  });

  it('may be erased again, which changes nothing, and reports the same', async () => {
    const { handle, bus } = setUp();
    await handle(erased, erased);
    const [first, second] = bus.published.map(({ data }) => (data as { items: number }).items);
    expect(first).toBe(second);
    expect(new Set(bus.published.map(({ id }) => id)).size).toBe(1);
  });

  it('is forgotten for 30 days from the erasure on, however many events come in between; then its id may be used anew', async () => {
    const clock = { now: now.getTime() };
    const { handle } = setUp(undefined, () => new Date(clock.now));
    for (const days of [1, 29]) {
      clock.now = now.getTime() + days * day;
      await handle(contact(clock.now));
      expect(await everything(), String(days)).not.toContain(account);
    }
    clock.now = now.getTime() + tombstoneDays * day;
    await handle(contact(clock.now));
    expect(await everything()).toContain(account);
    await handle(erased);
  });

  it('is dropped also when the event that was on its way failed after it had written', async () => {
    const { handle } = setUp(undefined, () => now, true);
    await handle(erased);
    expect(await handle(contact(5))).toEqual({ batchItemFailures: [] });
    expect(await everything()).not.toContain(account);
  });

  it('with more items than one invocation can drop comes back until all are gone', async () => {
    const { handle, bus } = setUp();
    const many = 'with-many-items';
    const item = (index: number) => database.tables.send(new PutCommand({ TableName: 'contacts', Item: { accountId: many, since: String(index) } }));
    for (let from = 0; from < 4100; from += 100) await Promise.all(Array.from({ length: 100 }, (_, index) => item(from + index)));
    const event = eventOf('account.erased', many, { erasedAt: now.toISOString() }, now);
    expect((await handle(event)).batchItemFailures).toHaveLength(1);
    expect(bus.published).toEqual([]);
    expect((await handle(event)).batchItemFailures).toEqual([]);
    expect(bus.published).toMatchObject([{ data: { items: 4100 } }]);
  });
});

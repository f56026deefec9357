import { GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumer, type Handlers } from '../../lambdas/runtime/consumer.ts';
import { type Erasure, erasureOf, hashedAccount, tombstoneDays } from '../../lambdas/runtime/erasure.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf } from '../support/logins.ts';
import { memoryBus, memoryTelemetry, sqsRecord } from '../support/records.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

const now = new Date('2026-11-21T00:00:00Z');
const account = 'forgotten';

/** A service that keeps the contact of an account in two tables, on purpose or by mistake after the account was erased. */
function setUp(whileHandling: (erasure: Erasure) => Promise<unknown> = () => Promise.resolve()) {
  const { tables } = database;
  const erasure = erasureOf(tables, [{ table: 'standings' }, { table: 'contacts', sortKey: 'since' }], () => now);
  const handlers: Handlers<object> = {
    'contact.changed': async ({ subject, data, time }) => {
      await whileHandling(erasure);
      await tables.send(new PutCommand({ TableName: 'standings', Item: { accountId: subject, ...data } }));
      await tables.send(new PutCommand({ TableName: 'contacts', Item: { accountId: subject, since: time, ...data } }));
      return { name: 'action.completed', data: { actionId: 'a', outcome: 'done' } };
    },
  };
  const bus = memoryBus();
  const queue = { park: () => Promise.resolve(new Set<never>()), send: () => Promise.resolve(new Set<number>()), delay: () => Promise.resolve() };
  const run = consumer({ service: 'keeper', handlers, services: {}, erasure, publisher: bus, queue, telemetry: memoryTelemetry(), now: () => now });
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
    const { handle } = setUp((erasure) => erasure.erase(account));
    await handle(contact(4));
    expect(await everything()).not.toContain(account);
  });

  it('may be erased again, which changes nothing', async () => {
    const { handle, bus } = setUp();
    await handle(erased, erased);
    expect(bus.published.map(({ data }) => (data as { items: number }).items)).toEqual([0, 0]);
    expect(new Set(bus.published.map(({ id }) => id)).size).toBe(1);
  });
});

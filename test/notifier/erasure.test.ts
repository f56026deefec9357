import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import { keepContact, sendNotice, tellSettings, tellStanding } from '../../lambdas/notifier/handler.ts';
import { erasureOf } from '../../lambdas/runtime/erasure.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf } from '../support/logins.ts';
import { memoryBus, queueConsumer, sqsRecord } from '../support/records.ts';
import { day, hour, occurredAt, reachable, setUp } from './notifier.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

const items = async (): Promise<Record<string, unknown>[]> =>
  (await Promise.all(['contacts', 'sent-log'].map((TableName) => database.tables.send(new ScanCommand({ TableName }))))).flatMap(({ Items }) => Items ?? []);

describe('an account that was erased', () => {
  it('leaves nothing behind, and what still arrives for it is dropped', async () => {
    const world = setUp(database);
    const { accountId, services, telemetry, clock } = world;
    const bus = memoryBus();
    const run = queueConsumer({
      service: 'notifier',
      handlers: { 'action.requested': sendNotice, 'settings.changed': tellSettings, 'account.standing_changed': tellStanding, 'contact.changed': keepContact },
      services,
      erasure: erasureOf(database.tables, [{ table: 'contacts', sortKey: 'since' }, { table: 'sent-log', sortKey: 'actionId' }], services.now),
      publisher: bus,
      telemetry,
      now: services.now,
    });
    const take = async (...events: CloudEvent[]) => {
      for (const event of events) expect(await run({ Records: [sqsRecord(event.id, JSON.stringify(event))] })).toEqual({ batchItemFailures: [] });
    };
    const events = [
      world.requested('sms', { country: 'US' }),
      eventOf('contact.changed', accountId, { email: 'old@example.com', phone: '+821000000001' }, new Date(occurredAt.getTime() - 2 * day)),
      eventOf('contact.changed', accountId, reachable, new Date(occurredAt.getTime() - day)),
      world.requested('sms'),
      world.requested('email'),
      eventOf('account.standing_changed', accountId, { state: 'locked', since: occurredAt.toISOString(), reason: 'login' }),
    ];
    await take(...events);
    expect((await items()).length).toBeGreaterThan(8);
    await take(eventOf('account.erased', accountId, { erasedAt: new Date(clock.now).toISOString() }));
    expect(bus.published.at(-1)).toMatchObject({ type: 'loginward.account.erasure_reported.v1', data: { service: 'notifier', items: expect.any(Number) } });
    const leavesNothing = async () => {
      const left = JSON.stringify(await items());
      for (const secret of [accountId, reachable.email, reachable.phone, 'old@example.com', '+821000000001']) expect(left).not.toContain(secret);
    };
    await leavesNothing();
    clock.now += hour / 2;
    await take(...events);
    await leavesNothing();
    expect(bus.published.at(-1)?.type).toBe('loginward.account.erasure_reported.v1');
  });
});

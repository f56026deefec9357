import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../lambdas/contracts/events.ts';
import { askAfterUnlock, askOldPassword, keepPasswordChange } from '../../lambdas/password-campaign/handler.ts';
import { campaignStage, changeOf, day, loginOf, newAccount, newCampaign, start } from '../support/campaigns.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf } from '../support/logins.ts';
import { memoryBus, memoryTelemetry, queueConsumer, sqsRecord } from '../support/records.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

/** The service behind its queue, with one campaign and one account. */
function setUp() {
  const campaign = newCampaign();
  const account = newAccount();
  const stage = campaignStage(database.tables, [campaign]);
  const bus = memoryBus();
  const { services } = stage;
  const run = queueConsumer({
    service: 'password-campaign',
    handlers: { 'login.submitted': askOldPassword, 'password.changed': keepPasswordChange, 'challenge.verified': askAfterUnlock },
    services,
    erasure: { ...services.erasure, checkedByHandler: ['login.submitted'] },
    publisher: bus,
    telemetry: memoryTelemetry(),
    now: services.now,
  });
  const deliver = async (...events: Event[]): Promise<string[]> => {
    const before = bus.published.length;
    const { batchItemFailures } = await run({ Records: events.map((event, index) => sqsRecord(String(index), JSON.stringify(event))) });
    expect(batchItemFailures).toEqual([]);
    return bus.published.slice(before).map(({ type }) => type);
  };
  /** What is kept under the account's id. */
  const kept = async () => {
    const { Items } = await database.tables.send(
      new QueryCommand({ TableName: 'campaign-accounts', ConsistentRead: true, KeyConditionExpression: 'accountId = :account', ExpressionAttributeValues: { ':account': account } }),
    );
    return Items;
  };
  const erased = eventOf('account.erased', account, { erasedAt: new Date(start + day).toISOString() });
  return { ...stage, bus, account, deliver, kept, erased, report: () => stage.counts(campaign.id) };
}

describe('an erased account', () => {
  it('leaves nothing but the counts, which name nobody', async () => {
    const { deliver, kept, erased, account, report, bus } = setUp();
    await deliver(loginOf(account, 'a', start + day));
    await deliver(changeOf(account, start + 2 * day));
    expect(await kept()).toHaveLength(2);
    expect(await deliver(erased)).toEqual(['loginward.account.erasure_reported.v1']);
    expect(bus.published.at(-1)?.data).toEqual({ service: 'password-campaign', items: 2 });
    expect(await kept()).toEqual([]);
    expect(await report()).toEqual({ reached: 1, prompted: 1, changed: 1 });
  });

  it('stays forgotten when its events come afterwards: nobody is asked, nothing is counted, nothing kept', async () => {
    const { deliver, kept, erased, account, report } = setUp();
    await deliver(erased);
    const verified = eventOf('challenge.verified', account, {
      challenge: 'x'.repeat(43),
      verifiedAt: new Date(start + day).toISOString(),
      channel: 'email',
      purpose: 'unlock',
      loginId: loginOf(account, 'a', start).data.loginId,
    });
    for (const event of [loginOf(account, 'a', start + day), changeOf(account, start + 2 * day), loginOf(account, 'b', start + day), verified]) {
      expect(await deliver(event)).toEqual([]);
      expect(await kept()).toEqual([]);
    }
    expect(await report()).toEqual({ reached: 0, prompted: 0, changed: 0 });
  });

  it('is forgotten also when it is erased in the middle of a login', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { deliver, kept, erased, account } = setUp();
      await Promise.all([deliver(loginOf(account, 'a', start + day)), deliver(erased)]);
      expect(await kept()).toEqual([]);
    }
  });
});

describe('many accounts and campaigns in one batch', () => {
  it('are each asked and counted for themselves', async () => {
    const { deliver, report } = setUp();
    const accounts = Array.from({ length: 40 }, newAccount);
    const asked = await deliver(...accounts.flatMap((account) => ['a', 'b'].map((id) => loginOf(account, id, start + day))));
    expect(asked).toHaveLength(40);
    await deliver(...accounts.slice(0, 10).map((account) => changeOf(account, start + 2 * day)));
    expect(await report()).toEqual({ reached: 40, prompted: 40, changed: 10 });
  });
});

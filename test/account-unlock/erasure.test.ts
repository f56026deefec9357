import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerAsking, keepContact, keepStanding, type Services } from '../../lambdas/account-unlock/handler.ts';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf } from '../support/logins.ts';
import { queueConsumer, sqsRecord } from '../support/records.ts';
import { hours, reachable, setUp, start } from './set-up.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

/** Everything in the tables of account-unlock, as text. */
async function everything(): Promise<string> {
  const names = ['challenges', 'challenge-accounts', 'challenge-contacts', 'challenge-limits'];
  const tables = await Promise.all(names.map((TableName) => database.tables.send(new ScanCommand({ TableName, ConsistentRead: true }))));
  return JSON.stringify(tables.map(({ Items }) => Items));
}

/** An account with something in each of the four tables, and the consumer that events come to. */
async function known(more: Partial<Services> = {}) {
  const made = setUp(database.tables);
  const mine = { email: `mail-of-${made.accountId}@example.com`, phone: `+8210${String(start).slice(-6)}` };
  await made.contact(mine, start - hours(1000));
  await made.contact({ ...mine, locale: 'en' }, start - hours(1));
  await made.standing({ lockedAt: start - hours(1) });
  for (const asker of ['player', 'public', 'public'] as const) await made.challenge(asker, 'sms');
  const run = queueConsumer<Services>({
    service: 'account-unlock',
    handlers: { 'challenge.requested': answerAsking, 'contact.changed': keepContact, 'account.standing_changed': keepStanding },
    services: { ...made.services, ...more },
    erasure: made.erasure,
    publisher: made.bus,
    telemetry: made.telemetry,
    now: made.services.now,
  });
  const { accountId } = made;
  return {
    ...made,
    traces: [accountId, mine.email, mine.phone],
    receive: (...events: CloudEvent[]) => run({ Records: events.map((event, index) => sqsRecord(`m${index}`, JSON.stringify(event))) }),
    erased: eventOf('account.erased', accountId, { erasedAt: new Date(start).toISOString() }),
    changed: eventOf('contact.changed', accountId, mine, new Date(start - hours(500))),
  };
}

describe('an account that is erased', () => {
  it('leaves nothing in any table, and says how many items it had', async () => {
    const { receive, erased, traces, bus } = await known();
    const all = await everything();
    for (const trace of traces) expect(all).toContain(trace);
    expect((await receive(erased)).batchItemFailures).toEqual([]);
    const left = await everything();
    for (const trace of traces) expect(left).not.toContain(trace);
    // Two contacts, the standing, three challenges, the limit.
    expect(bus.published.at(-1)?.data).toEqual({ service: 'account-unlock', items: 7 });
  });

  it('is not brought back by what was still on its way', async () => {
    const { receive, erased, traces, changed, ask, asking, accountId, sent } = await known();
    await ask('public');
    await receive(erased);
    const before = sent.length;
    const locked = { state: 'locked', reason: 'login', since: new Date(start).toISOString(), lockedAt: new Date(start).toISOString() } as const;
    await receive(changed, asking(), eventOf('account.standing_changed', accountId, locked));
    const left = await everything();
    for (const trace of traces) expect(left).not.toContain(trace);
    expect(sent).toHaveLength(before);
  });

  it('while a code is being sent leaves no challenge behind, and gets no code', async () => {
    const made = setUp(database.tables);
    await made.contact(reachable, start - hours(1000));
    await made.ask('player');
    const { challenges } = made.services;
    // The erasure comes when the code has been counted, and its challenge not yet kept.
    const claim: typeof challenges.claim = async (challenge) => {
      await made.erasure.erase(made.accountId, made.services.now().toISOString());
      return challenges.claim(challenge);
    };
    await answerAsking(made.asking(), { ...made.services, challenges: { ...challenges, claim } });
    expect(made.sent).toEqual([]);
    expect(await everything()).not.toContain(made.accountId);
  });

  it('leaves the others as they are', async () => {
    const other = await known();
    const { receive, erased } = await known();
    await receive(erased);
    const left = await everything();
    for (const trace of other.traces) expect(left).toContain(trace);
  });
});

import { setTimeout as delay } from 'node:timers/promises';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import { maxRetries, topicOf } from '../../lambdas/contracts/names.ts';
import { services } from '../../lib/services.ts';
import { kafkaClient } from '../../local/kafka/client.ts';
import { randomOf } from '../../local/sample/random.ts';
import { startOnKafka } from '../conformance/on-kafka.ts';
import { triesKey } from '../conformance/probe.ts';
import { startTestBroker, type TestBroker } from '../support/brokers.ts';
import { audit, catalogFolders } from '../support/catalog.ts';
import { startEndpoint } from '../support/endpoints.ts';
import { addContacts, checkHistories, checkLocks, choosePlayers, count, countUnknown, logins, postUntilConfirmed } from '../support/heavy-load.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { chunks, each } from '../support/work.ts';

/** What must hold at the end, and in words what came of it. */
async function checkAll({ local, api }: LocalChain, confirmed: ReadonlySet<string>, locked: readonly string[]): Promise<string> {
  expect(confirmed.size).toBe(count);
  const { entries, receipts } = await checkHistories(api, confirmed);
  expect(entries).toBe(count);
  expect(receipts).toBe(Math.ceil(count / 3));
  const locks = await checkLocks(api, locked);
  for (const { name, consumer } of services) if (consumer) expect([...local.onFailure(`loginward-local-${name}-consumer`).keys()], name).toEqual([]);
  const messages = local.outbox.list();
  const sms = messages.filter(({ channel }) => channel === 'sms');
  expect(new Set(sms.map(({ actionId }) => actionId)).size).toBe(sms.length);
  const emails = Map.groupBy(messages.filter(({ channel }) => channel === 'email'), ({ actionId }) => actionId);
  const doubled = [...emails.values()].filter((same) => same.length > 1).length;
  return `${entries} in the history once, ${receipts} receipts once, ${locks} accounts locked, nothing parked; ${sms.length} SMS, 0 twice; ${messages.length - sms.length} e-mails, ${doubled} doubled, ${await countUnknown(api)} actions unknown`;
}

it('broker killed -9 in mid-load, restarted on its data: nothing lost, nothing done twice', async () => {
  const broker = await startTestBroker();
  const chain = await startLocalChain({ bus: 'kafka', brokers: broker.brokers });
  const crashes = 3;
  try {
    await addContacts(chain.api);
    const locked = await choosePlayers(chain.api);
    await chain.settled();
    const confirmed = new Set<string>();
    const crashing = (async () => {
      for (let crash = 1; crash <= crashes; crash += 1) {
        while (confirmed.size < (count / (crashes + 1)) * crash) await delay(20);
        await broker.kill();
        await delay(1000);
        await broker.restart();
      }
    })();
    await each(chunks(logins(count), 10), 4, (body) => postUntilConfirmed(chain.api, body, (ids) => ids.forEach((id) => confirmed.add(id))));
    await crashing;
    await chain.settled();
    console.log(`broker killed -9 ${crashes} times in mid-load: ${confirmed.size} logins answered 202, ${await checkAll(chain, confirmed, locked)}`);
  } finally {
    await chain.remove();
    await broker.remove();
  }
});

/** Another member of each consumer group for a moment: its partitions go to it, and come back. It does nothing and commits nothing. */
async function rebalance(broker: TestBroker): Promise<void> {
  const client = kafkaClient(broker.brokers);
  const joined = await Promise.all(
    services.flatMap(({ name, consumer }) =>
      (consumer?.consumes ?? []).map(async ({ event }) => {
        const type = `loginward.${event}.v1`;
        const member = client.consumer({ groupId: `loginward-local-${name}-${topicOf(type)}`, sessionTimeout: 6000 });
        const { promise, resolve } = Promise.withResolvers<void>();
        member.on(member.events.GROUP_JOIN, () => resolve());
        await member.connect();
        await member.subscribe({ topic: `loginward-local-bus-${topicOf(type)}`, fromBeginning: true });
        await member.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
        await promise;
        return member;
      }),
    ),
  );
  await Promise.all(joined.map((member) => member.disconnect()));
}

/** Accounts whose events came to the endpoint in another order than they were posted, first arrivals counted. */
function outOfOrder(got: readonly string[], orderOf: ReadonlyMap<string, number>): Set<string> {
  const last = new Map<string, number>();
  const seen = new Set<string>();
  const wrong = new Set<string>();
  for (const body of got) {
    const { subject, data } = JSON.parse(body) as CloudEvent<string, { loginId: string }>;
    const order = orderOf.get(data.loginId);
    if (order === undefined || seen.has(data.loginId)) continue;
    seen.add(data.loginId);
    if (order < (last.get(subject) ?? -1)) wrong.add(subject);
    last.set(subject, Math.max(order, last.get(subject) ?? -1));
  }
  return wrong;
}

it('consumers killed, groups rebalanced, partitions raised in mid-load: nothing lost, nothing done twice, order as stated', async () => {
  const broker = await startTestBroker();
  const endpoint = await startEndpoint((_, response) => response.writeHead(204).end());
  const located = 'loginward.login.located.v1';
  const subscribed = (parallelism: number) => catalogFolders({ audit: { ...audit, eventTypes: [located], endpoint: endpoint.url, parallelism, secret: undefined } });
  const few = await subscribed(4);
  const many = await subscribed(9);
  const start = (folders: typeof few, data?: string) =>
    startLocalChain({ bus: 'kafka', brokers: broker.brokers, subscriptions: folders.subscriptions, ...(data !== undefined && { data }) });
  let chain = await start(few);
  const random = randomOf(29);
  const kills = new Map<string, number>();
  let rebalances = 0;
  try {
    await addContacts(chain.api);
    const locked = await choosePlayers(chain.api);
    await chain.settled();
    const all = logins(count);
    const confirmed = new Set<string>();
    const orderOf = new Map<string, number>();
    /** Posts a part of the logins, those of an account one after the other, and kills and rebalances meanwhile. */
    const load = async (from: number, until: number): Promise<void> => {
      const over = new AbortController();
      const killing = (async () => {
        while (!over.signal.aborted) {
          const name = random.of(chain.local.functions.filter((each) => each.endsWith('-consumer')));
          if (chain.local.kill(name, () => random.below(1000) / 1000)) kills.set(name, (kills.get(name) ?? 0) + 1);
          await delay(20 + random.below(80));
        }
      })();
      const rebalancing = (async () => {
        while (!over.signal.aborted) {
          await rebalance(broker);
          rebalances += 1;
          await delay(3000);
        }
      })();
      // Four login servers, each with accounts of its own.
      await Promise.all(
        [0, 1, 2, 3].map(async (server) => {
          const mine = all.slice(from, until).filter(({ accountId }) => Number(accountId.split('-')[1]) % 4 === server);
          for (const body of chunks(mine, 10)) {
            await postUntilConfirmed(chain.api, body, (ids) =>
              ids.forEach((id) => {
                confirmed.add(id);
                orderOf.set(id, orderOf.size);
              }),
            );
          }
        }),
      );
      over.abort();
      await Promise.all([killing, rebalancing]);
    };
    const arrived = (from: number) => endpoint.got.slice(from).map(({ body }) => body);

    await load(0, 4000);
    await chain.settled();
    const before = outOfOrder(arrived(0), orderOf);
    expect([...before]).toEqual([]);

    // In the midst of the load the endpoint's owner asks for more at once than there are partitions, and the change is deployed.
    const during = endpoint.got.length;
    await load(4000, 7000);
    await chain.stop();
    chain = await start(many, chain.data);
    const client = kafkaClient(broker.brokers).admin();
    await client.connect();
    const { topics } = await client.fetchTopicMetadata({ topics: [`loginward-local-bus-${topicOf(located)}`] });
    await client.disconnect();
    expect(topics[0]?.partitions).toHaveLength(9);
    await chain.settled();
    const moved = outOfOrder(arrived(during), orderOf);

    const after = endpoint.got.length;
    await load(7000, count);
    await chain.settled();
    expect([...outOfOrder(arrived(after), orderOf)]).toEqual([]);

    const reached = new Set(endpoint.got.map(({ body }) => (JSON.parse(body) as CloudEvent<string, { loginId: string }>).data.loginId));
    expect(confirmed.isSubsetOf(reached)).toBe(true);
    const killed = [...kills.values()].reduce((a, b) => a + b, 0);
    console.log(
      `${killed} consumers killed, ${rebalances} times all groups rebalanced, partitions raised from 6 to 9 in mid-load: ${confirmed.size} logins answered 202, ${await checkAll(chain, confirmed, locked)}; `
        + `order of an account broken at the endpoint: before 0, while raised ${moved.size} accounts, after 0`,
    );
  } finally {
    await chain.remove();
    await broker.remove();
    await endpoint.close();
    await few.remove();
    await many.remove();
  }
});

it('poisoned record: its partition goes on within the stated tries, and the record lies whole in the on-failure bucket', async () => {
  const bus = await startOnKafka();
  try {
    const moment = '2026-11-21T00:00:00Z';
    const event = (id: string) => ({ specversion: '1.0', id, source: 'test', type: 'loginward.password.changed.v1', subject: 'poisoned', time: moment, data: { changedAt: moment } });
    const poison = event('fails-for-ever');
    const neighbours = Array.from({ length: 20 }, (_, index) => event(`goes-${index}`));
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    // All of one account, so of one partition, the poisoned one in their midst.
    const { status } = await bus.api.signed('/v1/events', { headers, body: neighbours.toSpliced(7, 0, poison) });
    expect(status).toBe(202);
    const start = performance.now();
    let most = 0;
    for (let lag = Number.POSITIVE_INFINITY; lag > 0; lag = await bus.lag('probe-one', 'loginward.password.changed.v1')) {
      if (Number.isFinite(lag)) most = Math.max(most, lag);
      await delay(100);
    }
    const seconds = (performance.now() - start) / 1000;
    const [record, ...others] = await bus.parked('probe-one');
    expect(others).toEqual([]);
    expect(JSON.parse(record?.value ?? '')).toMatchObject(poison);
    const { Item } = await bus.tables.send(new GetCommand({ TableName: `${bus.prefix}probe-one-log`, Key: triesKey('poisoned', poison.id) }));
    const stated = 1 + Math.ceil(Math.log2(10)) + maxRetries;
    expect(Item?.['tries']).toBeLessThanOrEqual(stated);
    console.log(`poisoned record: its partition's lag went from ${most} to 0 after ${Item?.['tries']} tries (at most ${stated}) and ${seconds.toFixed(0)} s; the record lies whole in the on-failure bucket, alone`);
  } finally {
    await bus.remove();
  }
});

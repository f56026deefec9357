import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { randomOf } from '../../local/sample/random.ts';
import { audit, catalogFolders, gameServer, matchEnded } from '../support/catalog.ts';
import { startEndpoint, type TestEndpoint } from '../support/endpoints.ts';
import { type ApiClient, apiClient } from '../support/local-client.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { startProcess } from '../support/local-process.ts';
import { chunks, each } from '../support/work.ts';

const count = 10_000;
const type = matchEnded.type;
const eventTypes = { 'match-ended': matchEnded, 'match-rated': { ...matchEnded, type: 'studio.match.rated.v1', outsideProducers: false } };
const oneWay = (name: string, endpoint: string, more: object = {}) => ({
  ...audit,
  name,
  eventTypes: [type],
  endpoint,
  secret: undefined,
  parallelism: 4,
  timeoutSeconds: 1,
  ...more,
});

const eventsOf = (prefix: string, total: number, of: string = type) =>
  Array.from({ length: total }, (_, index) => ({
    specversion: '1.0',
    id: `${prefix}-${index}`,
    source: 'matches',
    type: of,
    subject: `player-${index % 500}`,
    time: new Date().toISOString(),
    data: { matchId: `${prefix}-${index}` },
  }));

/** Posts as a careful producer does: again, until all are confirmed. */
async function post(api: ApiClient, events: readonly object[]): Promise<void> {
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  await each(chunks(events, 100), 2, async (body) => {
    for (;;) {
      const answer = await api.signed('/v1/events', { body, headers }).catch(() => undefined);
      if (answer?.status === 202) return;
      await delay(50);
    }
  });
}

const idOf = (body: string): string => (JSON.parse(body) as { id: string }).id;

/** Waits until a condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(50);
}

/** An endpoint that answers 204 after the time that a network takes, and knows which events it took. */
async function workingEndpoint(port = 0): Promise<TestEndpoint & { taken: Set<string> }> {
  const taken = new Set<string>();
  const endpoint = await startEndpoint(({ body }, response) => {
    setTimeout(() => {
      taken.add(idOf(body));
      response.writeHead(204).end();
    }, 10);
  }, port);
  return Object.assign(endpoint, { taken });
}

/** Seconds until the live endpoint has all events of a type that were posted. */
async function liveSeconds(chain: LocalChain, live: { taken: Set<string> }, of: string): Promise<number> {
  const before = live.taken.size;
  const start = performance.now();
  await post(chain.api, eventsOf(`of-${of}`, count, typeOf(of)));
  await until(() => live.taken.size === before + count);
  return (performance.now() - start) / 1000;
}

/** Each way to be dead has a type of its own, which the live endpoint gets as well. */
const typeOf = (kind: string): string => `studio.to.${kind}.v1`;

it('a dead endpoint harms nobody else: its neighbour keeps its pace, and all arrive when it is back', async () => {
  let works = false;
  let turn = 0;
  /** Whether an endpoint that is dead in this way takes the request after all. */
  const treatments: Record<string, (response: ServerResponse) => boolean> = {
    hanging: () => works,
    half: (response) => {
      turn += 1;
      if (works || turn % 2 === 0) return true;
      response.writeHead(500).end();
      return false;
    },
    resetting: (response) => {
      if (!works) response.socket?.resetAndDestroy();
      return works;
    },
  };
  const taken = new Map<string, Set<string>>();
  const endpoints: TestEndpoint[] = [];
  const subscriptions: Record<string, object> = {};
  for (const [kind, treat] of Object.entries(treatments)) {
    const ids = new Set<string>();
    taken.set(kind, ids);
    const endpoint = await startEndpoint(({ body }, response) => {
      if (!treat(response)) return;
      ids.add(idOf(body));
      response.writeHead(204).end();
    });
    endpoints.push(endpoint);
    subscriptions[kind] = oneWay(kind, endpoint.url, { eventTypes: [typeOf(kind)] });
  }
  // Nobody listens at the port of this one until it is back.
  const silent = await startEndpoint(() => undefined);
  await silent.close();
  subscriptions['silent'] = oneWay('silent', silent.url, { eventTypes: [typeOf('silent')] });
  const kinds = ['alone', ...Object.keys(subscriptions)];
  const live = await workingEndpoint();
  const folders = await catalogFolders(
    { ...subscriptions, live: oneWay('live', live.url, { eventTypes: kinds.map(typeOf) }) },
    Object.fromEntries(kinds.map((kind) => [kind, { ...matchEnded, type: typeOf(kind) }])),
  );
  const chain = await startLocalChain(folders);
  const seconds = new Map<string, number>();
  for (const kind of kinds) seconds.set(kind, await liveSeconds(chain, live, kind));

  works = true;
  const back = await workingEndpoint(silent.port);
  taken.set('silent', back.taken);
  const revived = performance.now();
  await until(() => [...taken.values()].every(({ size }) => size === count));
  const revivedSeconds = (performance.now() - revived) / 1000;
  await chain.settled();
  for (const kind of taken.keys()) {
    for (const queue of ['dead-letters', 'undelivered']) expect(chain.local.peek(`loginward-local-http-bridge-${kind}-${queue}`), kind).toEqual([]);
  }
  const alone = seconds.get('alone') ?? 0;
  const ratios = new Map([...taken.keys()].map((kind) => [kind, (seconds.get(kind) ?? 0) / alone]));
  console.log(
    `a dead endpoint: ${count} events to a live one took ${alone.toFixed(1)} s alone, and beside one that is `
      + [...ratios].map(([kind, ratio]) => `${kind} ${ratio.toFixed(2)} times`).join(', ')
      + ` as long; all four had all ${count} within ${revivedSeconds.toFixed(0)} s of working again, none in a dead-letter queue`,
  );
  expect(chain.reports).toEqual([]);
  for (const [kind, ratio] of ratios) expect(ratio, kind).toBeLessThanOrEqual(1.2);
  await chain.remove();
  for (const endpoint of [...endpoints, back, live]) await endpoint.close();
  await folders.remove();
});

const rated = 'studio.match.rated.v1';

/** An endpoint that answers each event with another, and one that gets those. */
async function answeringEndpoints() {
  const asked = new Set<string>();
  /** Ids of the replies, by the event that they answer. */
  const answered = new Map<string, Set<string>>();
  const asking = await startEndpoint(({ body }, response) => {
    const { id } = JSON.parse(body) as { id: string };
    asked.add(id);
    const reply = { specversion: '1.0', id: `forged-${Math.random()}`, source: 'endpoint', type: rated, data: { matchId: id } };
    response.writeHead(200, { 'content-type': 'application/cloudevents+json' }).end(JSON.stringify(reply));
  });
  const answering = await startEndpoint(({ body }, response) => {
    const { id, data } = JSON.parse(body) as { id: string; data: { matchId: string } };
    answered.set(data.matchId, (answered.get(data.matchId) ?? new Set()).add(id));
    response.writeHead(204).end();
  });
  const folders = await catalogFolders(
    {
      asking: oneWay('asking', asking.url, { mode: 'streaming', emits: [rated] }),
      answering: oneWay('answering', answering.url, { eventTypes: [rated] }),
      'game-server': { ...gameServer, endpoint: asking.url, secret: undefined },
    },
    eventTypes,
  );
  return {
    asked,
    answered,
    folders,
    close: async () => {
      await asking.close();
      await answering.close();
      await folders.remove();
    },
  };
}

// These two wait more than they work.
it.concurrent('killed at any moment, nothing is lost, and replies are republished under the same ids', async () => {
  const total = 5000;
  const { asked, answered, folders, close } = await answeringEndpoints();
  const chain = await startLocalChain(folders);
  const names = ['asking', 'answering'].map((name) => `loginward-local-http-bridge-${name}`);
  const random = randomOf(23);
  const kills = new Map(names.map((name) => [name, 0]));
  const posting = { isDone: false };
  const killing = (async () => {
    while (!posting.isDone || [...kills.values()].some((times) => times < 20)) {
      const name = random.of(names);
      if (chain.local.kill(name, () => random.below(1000) / 1000)) kills.set(name, (kills.get(name) ?? 0) + 1);
      await delay(20 + random.below(150));
      if (answered.size === total) break;
    }
  })();
  const events = eventsOf('killed', total);
  // Half of it is posted while functions are killed, so that there is always work to interrupt.
  for (const part of chunks(events, 500)) {
    await post(chain.api, part);
    await delay(500);
  }
  posting.isDone = true;
  await killing;
  await until(() => asked.size === total && answered.size === total);
  await chain.settled();
  expect([...answered.values()].filter(({ size }) => size > 1)).toEqual([]);
  for (const name of names) expect(chain.local.peek(`${name}-dead-letters`), name).toEqual([]);
  console.log(`killed at any moment: ${total} events, ${answered.size} replies, each under one id; functions killed ${[...kills.values()].join(' and ')} times`);
  await chain.remove();
  await close();
});

it.concurrent('nothing is lost when the whole local run is killed in mid-load, and a backlog is found again', async () => {
  const data = await mkdtemp(join(tmpdir(), 'loginward-kill-'));
  const { asked, answered, folders, close } = await answeringEndpoints();
  const confirmed = new Set<string>();
  const rounds = 3;
  for (let round = 0; round <= rounds; round += 1) {
    const { process: run, url } = await startProcess('--data', data, '--subscriptions', folders.subscriptions.join(','), '--event-types', folders.eventTypes.join(','));
    const api = apiClient(url);
    if (round === rounds) {
      await until(() => [...confirmed].every((id) => asked.has(id) && answered.has(id)));
      run.kill('SIGTERM');
      await once(run, 'exit');
      break;
    }
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const killAt = confirmed.size + 700;
    await each(chunks(eventsOf(`round-${round}`, 1500), 50), 4, async (body) => {
      if (run.killed) return;
      const answer = await api.signed('/v1/events', { body, headers }).catch(() => undefined);
      if (answer?.status === 202) for (const { id } of answer.body.results) confirmed.add(id);
      if (confirmed.size >= killAt) run.kill('SIGKILL');
    });
    expect(run.killed).toBe(true);
    if (run.exitCode === null && run.signalCode === null) await once(run, 'exit');
  }
  expect([...answered.values()].filter(({ size }) => size > 1)).toEqual([]);
  console.log(`nothing lost after kill -9 of the whole run: ${rounds} times in mid-load, ${confirmed.size} events answered 202, all delivered, their replies each under one id`);
  await close();
  await rm(data, { recursive: true, force: true });
});

it.concurrent('what waits for an endpoint outlives its subscription: one of the same name finds it', async () => {
  const total = 300;
  const closed = await startEndpoint(() => undefined);
  await closed.close();
  const withIt = await catalogFolders({ waiting: oneWay('waiting', closed.url) }, eventTypes);
  const without = await catalogFolders({}, eventTypes);
  const data = await mkdtemp(join(tmpdir(), 'loginward-backlog-'));
  const down = await startLocalChain({ ...withIt, data });
  await post(down.api, eventsOf('held', total));
  await down.settled();
  await down.stop();
  const removed = await startLocalChain({ ...without, data });
  expect(removed.local.functions.some((name) => name.includes('waiting'))).toBe(false);
  await removed.stop();
  const back = await workingEndpoint(closed.port);
  const again = await startLocalChain({ ...withIt, data });
  await until(() => back.taken.size === total);
  console.log(`a subscription that was removed and created again found all ${total} events that had waited for it`);
  await again.remove();
  await back.close();
  await Promise.all([withIt.remove(), without.remove()]);
});

import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import type { CloudEvent } from '../lambdas/contracts/cloud-event.ts';
import { httpEndpoint } from '../lambdas/http-bridge/endpoint.ts';
import { addressGuard } from '../lambdas/http-bridge/guard.ts';
import { deliver } from '../lambdas/http-bridge/handler.ts';
import { readSecrets } from '../lambdas/http-bridge/signature.ts';
import { count } from './figures.ts';
import type { Benchmark, Section, Tools } from './report.ts';

/** Deliveries of one round, and how many are at the endpoint at once. */
const perRound = 10_000;
const atOnce = 4;
/** The promise: so many times the deliveries per CPU-second of the loop that one would write. */
const promised = 2;

const secret = 'whsec_YmVuY2htYXJrLXNlY3JldC1rZXk=';

const eventOf = (index: number): CloudEvent => ({
  specversion: '1.0',
  id: randomUUID(),
  source: 'account-security',
  type: 'loginward.action.requested.v1',
  subject: `player-${index}`,
  time: new Date().toISOString(),
  datacontenttype: 'application/json',
  traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
  data: { actionId: `action-${index}`, response: 'kick', country: 'US', text: { ko: '미국에서 계정에 로그인했습니다.', en: 'New login to your account from the United States.' } },
});

/** Delivers all events, and gives how many for each second of CPU that this process spent. */
async function perCpuSecond(events: readonly CloudEvent[], send: (event: CloudEvent) => Promise<void>): Promise<number> {
  const open = events[Symbol.iterator]();
  const before = process.cpuUsage();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const event of open) await send(event);
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return events.length / ((user + system) / 1_000_000);
}

/**
 * Deliveries of the http-bridge beside the `fetch` loop that one would write in its place: the same signed events to the same endpoint, by turns in one run.
 */
export const deliveries: Benchmark = { name: 'deliveries', about: 'deliveries of the http-bridge beside a plain fetch loop', run: measure };

async function measure({ progress }: Tools): Promise<readonly Section[]> {
  const child = fork(join(import.meta.dirname, 'endpoint.ts'));
  const [port] = (await once(child, 'message')) as [number];
  const url = `http://127.0.0.1:${port}/`;
  const endpoint = httpEndpoint({ url, timeoutMilliseconds: 10_000, connections: atOnce, guard: addressGuard(['127.0.0.0/8']) });
  const keys = readSecrets(secret);
  const services = { subscription: { name: 'bench', mode: 'streaming' as const }, emits: new Map(), endpoint, secrets: () => Promise.resolve(keys), now: () => new Date() };
  const bridge = async (event: CloudEvent): Promise<void> => {
    const { kind } = await deliver(event, services);
    if (kind !== 'done') throw new Error(`A delivery was ${kind}.`);
  };
  const webhook = new Webhook(secret);
  const fetchLoop = async (event: CloudEvent): Promise<void> => {
    const body = JSON.stringify(event);
    const timestamp = new Date();
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/cloudevents+json',
        'webhook-id': event.id,
        'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1000)),
        'webhook-signature': webhook.sign(event.id, timestamp, body),
        traceparent: event.traceparent ?? '',
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    });
    await response.text();
    if (response.status !== 204) throw new Error(`A delivery was answered with ${response.status}.`);
  };
  const events = Array.from({ length: perRound }, (_, index) => eventOf(index));
  const rates: { bridge: number; fetchLoop: number }[] = [];
  // The first round is for the compiler.
  for (let round = 0; round < 4; round += 1) {
    progress(`round ${round} of 3`);
    rates.push({ bridge: await perCpuSecond(events, bridge), fetchLoop: await perCpuSecond(events, fetchLoop) });
  }
  endpoint.close();
  child.disconnect();
  const measured = rates.slice(1);
  const mean = (which: 'bridge' | 'fetchLoop') => measured.reduce((sum, each) => sum + each[which], 0) / measured.length;
  const ratio = mean('bridge') / mean('fetchLoop');
  return [
    {
      title: 'Deliveries to endpoints',
      text: `Deliveries to an endpoint for each CPU-second; ${measured.length} rounds of ${count(perRound)}, ${atOnce} at once, the mean. The http-bridge stands beside the signed \`fetch\` loop that one would write in its place.`,
      columns: ['', 'deliveries per CPU-second'],
      rows: [
        ['http-bridge', mean('bridge').toFixed(0)],
        ['fetch loop', mean('fetchLoop').toFixed(0)],
      ],
      promises: [{ what: 'deliveries per CPU-second, beside a fetch loop', limit: `at least ${promised} times as many`, measured: `${ratio.toFixed(2)} times`, isKept: ratio >= promised }],
    },
  ];
}

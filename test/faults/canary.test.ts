import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AwsClient } from 'aws4fetch';
import { afterAll, describe, expect, it } from 'vitest';
import { type Last, watchTheChain } from '../../lambdas/canary/handler.ts';
import { httpApi } from '../../lambdas/canary/http-api.ts';
import { loginIdOf } from '../../lambdas/runtime/ids.ts';
import { memoryTelemetry } from '../support/records.ts';

// A function runs for hours, and its garbage is collected: no time limit may go with it.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const collecting = setInterval(collectGarbage, 500);
afterAll(() => clearInterval(collecting));

/** What the HTTP API may do in place of answering well: the only calls of the canary, which calls nothing else of AWS. */
const faults = {
  throttled: (response) => response.writeHead(429).end('{"message":"Too Many Requests"}'),
  refused: (response) => response.writeHead(403).end('{"message":"Forbidden"}'),
  failing: (response) => response.writeHead(503).end(),
  'never answers': () => undefined,
  reset: (response) => response.socket?.destroy(),
  'cut off': (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' }).write('{"items":');
    setTimeout(() => response.destroy(), 20);
  },
  'another shape': (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
} satisfies Record<string, (response: ServerResponse) => unknown>;

const cases = Object.entries(faults).flatMap(([fault, misbehave]) => (['POST', 'GET'] as const).flatMap((method) => [true, false].map((isTaken) => ({ fault, misbehave, method, isTaken }))));

/** An API over which every login goes the whole way at once, and that misbehaves at one request of a method, before or after it has done what it was asked. */
async function startApi(method: string, isTaken: boolean, misbehave: (response: ServerResponse) => unknown) {
  const logins = new Map<string, { occurredAt: string; posts: number }>();
  const trouble = { isOn: false, fired: 0 };
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const body = await text(request);
      const meets = trouble.isOn && request.method === method;
      let id = '';
      if (body !== '' && (!meets || isTaken)) {
        const { accountId, id: own, occurredAt } = JSON.parse(body) as { accountId: string; id: string; occurredAt: string };
        id = loginIdOf({ accountId, id: own, occurredAt: new Date(occurredAt) }, () => new Uint8Array(16));
        logins.set(id, { occurredAt, posts: (logins.get(id)?.posts ?? 0) + 1 });
      }
      if (meets) {
        trouble.fired += 1;
        return void misbehave(response);
      }
      const verdict = { triggers: ['unlocated'], responses: ['none'], actions: [] };
      const items = [...logins].map(([login, { occurredAt }]) => ({ id: login, ip: '192.0.2.1', country: null, occurredAt, outcome: 'success', verdict })).toReversed();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(request.method === 'POST' ? { results: [{ index: 0, status: 202, id }] } : { items, cursor: null }));
    };
    answer().catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, logins, trouble, close };
}

describe('the canary, whose every request is met by every fault', () => {
  it.concurrent.each(cases)('$fault at $method, done: $isTaken: it is missed in that minute, and back in two', { timeout: 60_000 }, async ({ misbehave, method, isTaken }) => {
    const { url, logins, trouble, close } = await startApi(method, isTaken, misbehave);
    const signed = new AwsClient({ accessKeyId: 'local', secretAccessKey: 'local', region: 'us-east-1', service: 'execute-api', retries: 0 });
    const last: Last = {};
    const minute = async (number: number): Promise<number | undefined> => {
      const telemetry = memoryTelemetry();
      await watchTheChain(new Date(Date.parse('2026-11-21T00:00:00Z') + number * 60_000), { ...httpApi({ sign: (input, init) => signed.sign(input, init), fetch }, url), last, telemetry });
      return telemetry.measures.get('CanaryArrived')?.at(-1);
    };
    await minute(0);
    expect(await minute(1)).toBe(1);
    trouble.isOn = true;
    expect(await minute(2)).toBe(0);
    trouble.isOn = false;
    await minute(3);
    expect(await minute(4)).toBe(1);
    expect(trouble.fired).toBe(1);
    expect([...logins.values()].map(({ posts }) => posts)).toEqual([...logins.values()].map(() => 1));
    close();
  });
});

import type { MSKEvent, MSKRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import type { Invoke } from '../../bin/dlq/lambda.ts';
import { expiredPrefix, parkedPrefix } from '../../lambdas/contracts/names.ts';
import { closedBreaker } from '../../lambdas/http-bridge/breaker.ts';
import { partitionsOf } from '../../lambdas/http-bridge/partitions.ts';
import { onFailureBucket, recordStore } from '../../lambdas/runtime/kafka/on-failure.ts';
import { memoryBus, memoryTelemetry } from '../support/records.ts';
import { type Clock, commandOn, memoryBucket, recordOf, topic } from './set-up.ts';

const name = 'game';
const type = 'studio.match.ended.v1';

const matchRecord = (partition: number, offset: number): MSKRecord =>
  recordOf(partition, offset, 'ann', JSON.stringify({ specversion: '1.0', id: `${partition}.${offset}`, source: 'test', type, subject: 'ann', time: '2026-11-01T00:00:00Z', data: {} }));

/** A subscription whose function runs in memory on its own code, with the bucket of the http-bridge, and the command. */
function setUp(statusOf: (id: string) => number = () => 204) {
  const clock: Clock = { now: Date.parse('2026-11-21T00:00:00.300Z') };
  const bridge = memoryBucket(clock);
  const delivered: string[] = [];
  const telemetry = memoryTelemetry();
  const subscription = { name, mode: 'one-way' as const, timeoutSeconds: 10, holdDays: 10, paused: false };
  const onFailure = onFailureBucket(bridge.s3, 'b', parkedPrefix(name));
  const putAside = recordStore(bridge.s3, 'b', expiredPrefix(name));
  const now = () => new Date(clock.now);
  const take = partitionsOf({
    subscription,
    share: 1,
    services: {
      subscription,
      emits: new Map(),
      secrets: () => Promise.resolve([]),
      now,
      endpoint: {
        post: (body) => {
          const { id } = JSON.parse(body) as { id: string };
          // Slow enough that an invocation's time ends in the midst of a batch.
          clock.now += 9000;
          const status = statusOf(id);
          if (status === 204) delivered.push(id);
          return Promise.resolve({ status, headers: status === 503 ? { 'retry-after': '60' } : {}, body: Buffer.from('no such match') });
        },
      },
    },
    breakers: { read: () => Promise.resolve(closedBreaker), replace: () => Promise.resolve(true) },
    onFailure,
    putAside,
    publisher: memoryBus(),
    telemetry,
    now,
    random: () => 0,
    sleep: (milliseconds) => {
      clock.now += milliseconds;
      return Promise.resolve();
    },
  });
  let calls = 0;
  const invoke: Invoke = async (functionName, event) => {
    expect(functionName).toBe('loginward-dev-http-bridge-game');
    calls += 1;
    return { answer: await take(JSON.parse(JSON.stringify(event)) as MSKEvent, new Date(clock.now + 40_000)) };
  };
  const asRecord = (record: MSKRecord) => ({ partition: `${topic}-${record.partition}`, record, body: undefined });
  return {
    bridge,
    delivered,
    telemetry,
    calls: () => calls,
    park: (record: MSKRecord, reason = 'status 422: no such match') => onFailure.park(new Map([[asRecord(record), reason]])),
    expire: (record: MSKRecord) => putAside(asRecord(record), 'held too long'),
    ...commandOn(clock, { bridge, invoke }),
  };
}

describe('npm run dlq for a subscription on Kafka', () => {
  it('lists and shows what its endpoint refused, and what was put aside', async () => {
    const { command, said, park, expire } = setUp();
    await park(matchRecord(0, 1));
    await expire(matchRecord(0, 2));
    await expire(matchRecord(1, 0));
    await command.list();
    expect(said.splice(0)).toEqual(['name              count  what       oldest', 'http-bridge-game      1  parked     0 s', 'game                  2  put aside  0 s']);
    await command.show('http-bridge-game');
    await command.show('http-bridge-game', { showsWords: true });
    await command.show(name, { isAside: true, id: `${topic}/0/2` });
    expect(said.map((line) => line.split(/ {2,}/)[2])).toEqual([
      'reason',
      'status 422, with words of the endpoint (show --words)',
      'reason',
      'status 422: no such match',
      'reason',
      'held too long',
    ]);
  });

  it('restores what was put aside, in its order, over as many invocations as it takes, and nothing of its neighbours', async () => {
    const { command, said, bridge, delivered, expire, park, calls } = setUp();
    const all = Array.from({ length: 12 }, (_, offset) => offset);
    for (const offset of all) await expire(matchRecord(0, offset));
    await park(matchRecord(1, 0));
    await command.restore(name);
    expect(delivered).toEqual(all.map((offset) => `0.${offset}`));
    expect(calls()).toBeGreaterThan(2);
    expect(bridge.keys()).toEqual([`parked/game/${topic}/1/0.json`]);
    expect(said.at(-1)).toBe('12 records of game are done.');
    await command.redrive('http-bridge-game');
    expect(bridge.keys()).toEqual([]);
  });

  it('keeps what the endpoint refuses once more, parked with its words', async () => {
    const { command, said, bridge, park, expire } = setUp((id) => (id === '0.1' ? 204 : 400));
    await park(matchRecord(0, 0));
    await park(matchRecord(0, 1));
    await command.redrive('http-bridge-game');
    expect(bridge.keys()).toEqual([`parked/game/${topic}/0/0.json`]);
    expect(said.at(-1)).toBe('1 stay: parked again: status 400, with words of the endpoint (show --words)');
    await expire(matchRecord(0, 2));
    await command.restore(name);
    expect(bridge.keys()).toEqual([0, 2].map((offset) => `parked/game/${topic}/0/${offset}.json`));
  });

  it('leaves the rest alone when the endpoint does not work, and puts nothing aside anew', async () => {
    const { command, said, bridge, expire, calls, telemetry } = setUp(() => 503);
    for (let offset = 0; offset < 8; offset += 1) await expire(matchRecord(0, offset));
    await command.restore(name);
    expect(calls()).toBe(3);
    expect(bridge.keys()).toHaveLength(8);
    expect(telemetry.counts.get('Expired')).toBeUndefined();
    expect(said.slice(-3)).toEqual([
      '0 records of game are done.',
      '3 stay: failed again; /aws/lambda/loginward-dev-http-bridge-game says why',
      '5 stay: not tried, after 3 failures in a row',
    ]);
  });

  it('gives nothing to a subscription that is paused', async () => {
    const { command, calls } = setUp();
    await expect(command.restore('paused')).rejects.toThrow('paused');
    await expect(command.redrive('http-bridge-paused')).rejects.toThrow('paused');
    expect(calls()).toBe(0);
  });
});

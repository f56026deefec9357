import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { maxReceives } from '../../lambdas/contracts/names.ts';
import type { Handlers } from '../../lambdas/runtime/consumer.ts';
import { ComeBackError } from '../../lambdas/runtime/failures.ts';
import { RefusedError } from '../../lambdas/runtime/channels.ts';
import { backoffSeconds, recordQueue } from '../../lambdas/runtime/sns/record-queue.ts';
import type { LoginData } from '../../lambdas/contracts/verdict.ts';
import { eventOf, geoDatabase, locatedLogin } from '../support/logins.ts';
import { memoryBus, memoryTelemetry, queueConsumer, sqsRecord } from '../support/records.ts';

const moment = new Date('2026-11-21T00:00:00Z');
const submitted = (id: string) => {
  const { country: _country, geoDatabase: _geoDatabase, ...login } = locatedLogin(id, id, moment);
  return eventOf('login.submitted', id, login satisfies LoginData);
};

/** A queue in memory: what was parked with which reason, and what is to come back. */
function memoryQueue() {
  const parked = new Map<string, string>();
  const delayed: string[] = [];
  return {
    parked,
    delayed,
    park: (records: ReadonlyMap<SQSRecord, string>) => {
      for (const [{ messageId }, reason] of records) parked.set(messageId, reason);
      return Promise.resolve(new Set(records.keys()));
    },
    delay: (seconds: ReadonlyMap<SQSRecord, number | undefined>) => {
      delayed.push(...[...seconds.keys()].map(({ messageId }) => messageId));
      return Promise.resolve();
    },
  };
}

function setUp(handlers: Handlers<undefined>, bus = memoryBus()) {
  const queue = memoryQueue();
  const telemetry = memoryTelemetry();
  const run = queueConsumer({ service: 'test', handlers, services: undefined, publisher: bus, telemetry, now: () => moment }, queue);
  return { bus, queue, telemetry, run: async (Records: SQSRecord[]) => (await run({ Records })).batchItemFailures.map((f) => f.itemIdentifier) };
}

const locateBut = (failing: ReadonlySet<string>): Handlers<undefined> => ({
  'login.submitted': ({ subject, data }) => {
    if (failing.has(subject)) throw new Error('poisoned');
    return { name: 'login.located', data: { ...data, country: 'US', geoDatabase } };
  },
});

describe('a bad record harms nobody else', () => {
  const ids = Array.from({ length: 10 }, (_, index) => `player-${index}`);

  it('reports exactly the failing records of a batch of 10, for each of its 1,023 failing subsets', async () => {
    for (let subset = 1; subset < 1024; subset += 1) {
      const failing = new Set(ids.filter((_, index) => (subset >> index) & 1));
      const { run, bus, queue } = setUp(locateBut(failing));
      const failures = await run(ids.map((id) => sqsRecord(id, JSON.stringify(submitted(id)))));
      expect(failures).toEqual([...failing]);
      expect(queue.delayed).toEqual([...failing]);
      expect(bus.published.map(({ subject }) => subject)).toEqual(ids.filter((id) => !failing.has(id)));
    }
  });

  it('reports a record whose event the bus did not confirm, and no other', async () => {
    const bus = memoryBus(({ subject }) => subject === 'player-3');
    const { run } = setUp(locateBut(new Set()), bus);
    expect(await run(ids.map((id) => sqsRecord(id, JSON.stringify(submitted(id)))))).toEqual(['player-3']);
  });

  it.each([
    ['not JSON', '{'],
    ['not an object', '7'],
    ['an unknown type', JSON.stringify({ ...submitted('player-1'), type: 'studio.other.v1' })],
    ['a type that this service does not consume', JSON.stringify(eventOf('password.changed', 'player-1', { changedAt: moment.toISOString() }))],
    ['malformed data', JSON.stringify({ ...submitted('player-1'), data: { ip: 7 } })],
    ['no data', JSON.stringify({ ...submitted('player-1'), data: undefined })],
  ])('parks %s at once, with a reason that repeats nothing of it', async (_, body) => {
    const { run, queue, telemetry } = setUp(locateBut(new Set()));
    expect(await run([sqsRecord('bad', body), sqsRecord('good', JSON.stringify(submitted('player-2')))])).toEqual([]);
    expect([...queue.parked.keys()]).toEqual(['bad']);
    expect(queue.parked.get('bad')).toMatch(/unknown event type|malformed at|not JSON/);
    expect(telemetry.counts.get('Parked')).toBe(1);
  });

  it('parks a record with the reason when it failed for the last time', async () => {
    const { run, queue } = setUp(locateBut(new Set(['player-1'])));
    const body = JSON.stringify(submitted('player-1'));
    expect(await run([sqsRecord('poisoned', body, maxReceives - 1)])).toEqual(['poisoned']);
    expect(await run([sqsRecord('poisoned', body, maxReceives)])).toEqual([]);
    expect(queue.parked.get('poisoned')).toBe('Error');
  });

  it.each([
    ['waits for something, in our words', new ComeBackError('being sent', 40), 'being sent'],
    ['was refused by a provider, by its name for it', new RefusedError('MessageRejected', false), 'MessageRejected'],
    ['failed otherwise, without a word that may be private', new TypeError('player@example.com'), 'TypeError'],
  ])('tells why a record %s', async (_, error, reason) => {
    const { run, queue } = setUp({ 'login.submitted': () => { throw error; } });
    await run([sqsRecord('1', JSON.stringify(submitted('player-1')), maxReceives)]);
    expect(queue.parked.get('1')).toBe(reason);
  });

  it('gives derived events ids that a redelivery repeats, and carries the trace on', async () => {
    const parent = { ...submitted('player-1'), traceparent: '00-11111111111111111111111111111111-2222222222222222-01' };
    const { run, bus } = setUp(locateBut(new Set()));
    await run([sqsRecord('first', JSON.stringify(parent))]);
    await run([sqsRecord('again', JSON.stringify(parent), 2)]);
    const [first, again] = bus.published;
    expect(first).toEqual(again);
    expect(first).toMatchObject({ source: 'test', subject: 'player-1', type: 'loginward.login.located.v1' });
    expect(first?.traceparent).toMatch(/^00-1{32}-(?!2{16})[0-9a-f]{16}-01$/);
  });
});

describe('what failed', () => {
  const sqs = (send: (command: { input: unknown }) => unknown) =>
    ({ send: (command: { input: unknown }) => Promise.resolve(send(command)) }) as unknown as SQSClient;
  const urls = { queue: 'queue', deadLetterQueue: 'dead' };

  it('comes back after a short time that grows with each receive, never after minutes', () => {
    const seconds = [1, 2, 3, 4].map((receives) => backoffSeconds(receives, () => 0.5));
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    expect(seconds[0]).toBeLessThanOrEqual(4);
    expect(seconds[3]).toBeLessThanOrEqual(32);
  });

  it('comes back when its handler says, where it does', async () => {
    const inputs: unknown[] = [];
    const queue = recordQueue(sqs(({ input }) => inputs.push(input)), urls, () => 0);
    await queue.delay(new Map([[sqsRecord('1', 'x', 3), 240], [sqsRecord('2', 'x', 3), undefined]]));
    expect(inputs).toMatchObject([{ Entries: [{ VisibilityTimeout: 240 }, { VisibilityTimeout: 8 }] }]);
  });

  it('is not taken for parked when the dead-letter queue refused it', async () => {
    const records = new Map([1, 2].map((id) => [sqsRecord(`${id}`, 'x'), 'reason'] as const));
    const partly = recordQueue(sqs(() => ({ Successful: [{ Id: '1' }], Failed: [{ Id: '0' }] })), urls, Math.random);
    expect([...(await partly.park(records))].map(({ messageId }) => messageId)).toEqual(['2']);
    const down = recordQueue(sqs(() => { throw new Error('down'); }), urls, Math.random);
    expect((await down.park(records)).size).toBe(0);
    await expect(down.delay(new Map([...records.keys()].map((record) => [record, undefined])))).resolves.toBeUndefined();
  });
});

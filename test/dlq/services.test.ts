import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { MSKEvent, MSKRecord } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Invoke, Invoked } from '../../bin/dlq/lambda.ts';
import { foundIn } from '../../bin/dlq/undelivered.ts';
import { parkedFolder } from '../../lambdas/contracts/names.ts';
import { consumer, type Handlers } from '../../lambdas/runtime/consumer.ts';
import { ParkError } from '../../lambdas/runtime/failures.ts';
import { onFailureBucket } from '../../lambdas/runtime/kafka/on-failure.ts';
import { partitionInbox } from '../../lambdas/runtime/kafka/partition-inbox.ts';
import { services } from '../../lib/services.ts';
import { eventOf } from '../support/logins.ts';
import { memoryBus, memoryTelemetry } from '../support/records.ts';
import { type Clock, commandOn, giveUp, memoryBucket, recordOf, topic } from './set-up.ts';

const service = 'notifier';
const functionName = 'loginward-dev-notifier-consumer';
const batchSize = services.find(({ name }) => name === service)?.consumer?.batchSize ?? 0;
const secret = 'ann@example.com';

const changed = (partition: number, offset: number, account: string): MSKRecord =>
  recordOf(partition, offset, account, JSON.stringify({ ...eventOf('password.changed', account, { changedAt: new Date(0).toISOString() }), id: `${partition}.${offset}`, more: secret }));

/** What a record's handler does. */
type Handle = (id: string, subject: string) => void | Promise<void>;

/** A service whose function runs in memory on its own code, with the bucket where it parks, and the command. */
function setUp(handle: Handle = () => undefined, breakOff: (records: readonly MSKRecord[]) => Invoked | undefined = () => undefined) {
  const clock: Clock = { now: Date.parse('2026-11-21T00:00:00.300Z') };
  const bucket = memoryBucket(clock);
  const onFailure = onFailureBucket(bucket.s3, 'b', parkedFolder);
  const handlers: Handlers<undefined> = { 'password.changed': ({ id, subject }) => handle(id, subject) };
  const inbox = partitionInbox({ onFailure, now: () => new Date(clock.now), random: () => 0, sleep: () => Promise.resolve() });
  const run = consumer({ service, handlers, services: undefined, publisher: memoryBus(), inbox, telemetry: memoryTelemetry(), now: () => new Date(clock.now) });
  const calls: MSKRecord[][] = [];
  const invoke: Invoke = async (name, event) => {
    expect(name).toBe(functionName);
    expect(event).toMatchObject({ eventSource: 'aws:kafka' });
    // As it goes over the wire.
    const { records } = JSON.parse(JSON.stringify(event)) as MSKEvent;
    expect(Object.keys(records)).toHaveLength(1);
    const [batch = []] = Object.values(records);
    calls.push(batch);
    return breakOff(batch) ?? { answer: await run({ records } as MSKEvent, new Date(8.64e15)) };
  };
  const park = async (record: MSKRecord, reason = 'not JSON') => {
    await onFailure.park(new Map([[{ partition: `${topic}-${record.partition}`, record, body: undefined }, reason]]));
    return `parked/${topic}/${record.partition}/${record.offset}.json`;
  };
  const offsets = () => calls.map((batch) => batch.map(({ offset }) => offset));
  return { clock, bucket, calls, offsets, park, giveUp: (...records: MSKRecord[]) => giveUp(bucket, records, new Date(clock.now)), ...commandOn(clock, { onFailure: { [service]: bucket }, invoke }) };
}

describe('npm run dlq -- redrive SERVICE on Kafka', () => {
  it('gives records back in the order of their offsets, a batch of one partition at a time, and removes what is done', async () => {
    const { command, said, progress, bucket, calls, offsets, park } = setUp();
    const count = batchSize + 3;
    for (let offset = count - 1; offset >= 0; offset -= 1) await park(changed(0, offset, 'ann'));
    await park(changed(1, 7, 'ben'));
    await command.redrive(service);
    const all = Array.from({ length: count }, (_, offset) => offset);
    expect(offsets().toSorted((a, b) => b.length - a.length)).toEqual([all.slice(0, batchSize), all.slice(batchSize), [7]]);
    expect(calls.flat()).toContainEqual(changed(1, 7, 'ben'));
    expect(bucket.keys()).toEqual([]);
    expect(progress).toContain(`${count + 1} of ${count + 1}`);
    expect(said.at(-1)).toBe(`${count + 1} records of ${service} are done.`);
  });

  it('keeps what fails again with where to look, and goes on behind it', async () => {
    const { command, said, bucket, offsets, park } = setUp((id) => {
      if (id === '0.2') throw new Error(`no ${secret}`);
    });
    const keys = [];
    for (const [offset, account] of ['ann', 'ben', 'ann', 'ben'].entries()) keys.push(await park(changed(0, offset, account)));
    await command.redrive(service);
    expect(offsets()).toEqual([[0, 1, 2, 3], [2, 3], [3]]);
    expect(bucket.keys()).toEqual([keys[2]]);
    expect(said.slice(-2)).toEqual([`3 records of ${service} are done.`, `1 stay: failed again; /aws/lambda/${functionName} says why`]);
  });

  it('takes out of a batch of AWS Lambda what was done, and keeps the batch until all of it is', async () => {
    const failing = new Set(['0.2']);
    const { command, said, bucket, offsets, ...world } = setUp((id) => {
      if (failing.has(id)) throw new Error('down');
    });
    const kept = await world.giveUp(changed(0, 1, 'ann'), changed(0, 2, 'ben'), changed(0, 3, 'ann'));
    await world.giveUp(changed(0, 0, 'ann'));
    await command.list();
    expect(said).toContain(`${service}      2  given up by AWS Lambda  0 s`);
    await command.redrive(service);
    expect(offsets()).toEqual([[0, 1, 2, 3], [2, 3], [3]]);
    expect(bucket.keys()).toEqual([kept]);
    failing.clear();
    await command.redrive(service);
    expect(bucket.keys()).toEqual([]);
  });

  it('gives a record that lies in two objects once, and removes both', async () => {
    const { command, bucket, offsets, park, giveUp } = setUp();
    await park(changed(0, 1, 'ann'));
    await giveUp(changed(0, 0, 'ann'), changed(0, 1, 'ann'));
    await command.redrive(service);
    expect(offsets()).toEqual([[0, 1]]);
    expect(bucket.keys()).toEqual([]);
  });

  it('keeps a record that the function parks again, even with the same words within the second in which it was parked first', async () => {
    const { command, said, bucket, park } = setUp(() => {
      throw new ParkError('more locks than in an hour');
    });
    const key = await park(changed(0, 1, 'ann'), 'more locks than in an hour');
    await command.redrive(service);
    expect(bucket.keys()).toEqual([key]);
    expect(said.slice(-2)).toEqual([`0 records of ${service} are done.`, '1 stay: parked again: more locks than in an hour']);
    await command.redrive(service);
    expect(bucket.keys()).toEqual([key]);
  });

  it('leaves the object of a record that the function parked out of a batch of AWS Lambda, and removes the batch', async () => {
    const { command, said, bucket, giveUp } = setUp(() => {
      throw new ParkError('too late');
    });
    await giveUp(changed(0, 1, 'ann'));
    await command.redrive(service);
    expect(bucket.keys()).toEqual([`parked/${topic}/0/1.json`]);
    expect(said.at(-1)).toBe('1 stay: parked again: too late');
  });

  it('keeps an object that somebody else wrote meanwhile', async () => {
    const world = setUp(async () => void (await world.park(changed(0, 1, 'ann'), 'by the mapping')));
    const key = await world.park(changed(0, 1, 'ann'));
    await world.command.redrive(service);
    expect(world.bucket.keys()).toEqual([key]);
  });

  it('cuts what breaks the function off in halves, until the record alone that does it stays', async () => {
    const broken: Invoked = { error: 'Runtime.ExitError' };
    const { command, said, bucket, park } = setUp(undefined, (records) => (records.some(({ offset }) => offset === 2) ? broken : undefined));
    const keys = [];
    for (const offset of [0, 1, 2, 3, 4]) keys.push(await park(changed(0, offset, 'ann')));
    await command.redrive(service);
    expect(bucket.keys()).toEqual([keys[2]]);
    expect(said.at(-1)).toBe(`1 stay: the function broke off (Runtime.ExitError); /aws/lambda/${functionName} says why`);
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['a queue’s failures', { batchItemFailures: [{ itemIdentifier: 'message-1' }] }],
    ['a record that it was not given', { batchItemFailures: [{ itemIdentifier: { partition: `${topic}-0`, offset: 9 } }] }],
  ])('removes nothing when the function answers %s', async (_, answer) => {
    const { command, bucket, park } = setUp(undefined, () => ({ answer }));
    const key = await park(changed(0, 1, 'ann'));
    await command.redrive(service);
    expect(bucket.keys()).toEqual([key]);
  });

  it('ends when the function cannot be called, and loses nothing by it', async () => {
    const { command, bucket, park } = setUp(undefined, () => {
      throw new Error('AccessDenied');
    });
    const key = await park(changed(0, 1, 'ann'));
    await expect(command.redrive(service)).rejects.toThrow('AccessDenied');
    expect(bucket.keys()).toEqual([key]);
  });

  it('leaves what is no record where it is, and says so', async () => {
    const { command, said, bucket } = setUp();
    for (const Key of ['parked/readme.txt', 'aws/lambda/x/y']) await bucket.s3.send(new PutObjectCommand({ Bucket: 'b', Key, Body: '{}' }));
    await command.redrive(service);
    expect(said.at(-1)).toBe('2 stay: no record of Kafka');
    expect(bucket.keys()).toHaveLength(2);
  });

  it('refuses a name that is none', async () => {
    await expect(setUp().command.redrive('notifyer')).rejects.toThrow('notifyer is no service');
  });

  it('whatever fails, does each account’s records in their order, and keeps exactly those that fail', async () => {
    const step = fc.record({ partition: fc.nat(2), account: fc.nat(2), fails: fc.boolean(), way: fc.nat(2) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const idOf = (offset: number) => `${steps[offset]?.partition}.${offset}`;
        const failing = new Set(steps.flatMap(({ fails }, offset) => (fails ? [idOf(offset)] : [])));
        const done = new Map<string, string>();
        const { command, bucket, park, giveUp, calls } = setUp((id, subject) => {
          if (failing.has(id)) throw new Error('down');
          if (!done.has(id)) done.set(id, subject);
        });
        const records = steps.map(({ partition, account }, offset) => changed(partition, offset, `player-${account}`));
        const byWay = Map.groupBy(records, ({ offset }) => steps[offset]?.way);
        for (const record of byWay.get(0) ?? []) await park(record);
        for (const record of byWay.get(1) ?? []) await giveUp(record);
        if (byWay.has(2)) await giveUp(...(byWay.get(2) ?? []));
        await command.redrive(service);
        expect([...done.keys()].toSorted()).toEqual(steps.flatMap(({ fails }, offset) => (fails ? [] : [idOf(offset)])).toSorted());
        for (const of of Map.groupBy(done, ([id, subject]) => `${id.split('.')[0]} ${subject}`).values()) {
          const offsets = of.map(([id]) => Number(id.split('.')[1]));
          expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
        }
        for (const batch of calls) expect(batch.length).toBeLessThanOrEqual(batchSize);
        const kept = [0, 1].map((way) => steps.filter((each) => each.way === way && each.fails).length);
        expect(bucket.keys().filter((key) => key.startsWith('parked/'))).toHaveLength(kept[0] ?? 0);
        const isKept = steps.some((each) => each.way === 2 && each.fails) ? 1 : 0;
        expect(bucket.keys().filter((key) => key.startsWith('aws/'))).toHaveLength((kept[1] ?? 0) + isKept);
      }),
      { numRuns: 50 },
    );
  });
});

describe('npm run dlq -- show and list on Kafka', () => {
  it('tell ids, types and reasons, and nothing that a record carries', async () => {
    const { command, said, park, giveUp } = setUp(() => {
      throw new Error(secret);
    });
    await command.show(service);
    expect(said.splice(0)).toEqual(['Nothing lies there.']);
    await park(changed(0, 1, secret), 'malformed at data.changedAt');
    await park(recordOf(0, 2, secret, `{"id":"${secret}`), 'not JSON');
    await giveUp(changed(1, 0, 'ben'), changed(1, 1, 'ben'));
    await command.show(service);
    const givenUp = 'tried 11 times, and given up by AWS Lambda';
    expect(said.map((line) => line.split(/ {2,}/))).toEqual([
      ['type', 'id', 'reason'],
      ['loginward.password.changed.v1', `${topic}/0/1`, 'malformed at data.changedAt'],
      ['not an event', `${topic}/0/2`, 'not JSON'],
      ['loginward.password.changed.v1', `${topic}/1/0`, givenUp],
      ['loginward.password.changed.v1', `${topic}/1/1`, givenUp],
    ]);
    await command.redrive(service);
    await command.list();
    expect(said.join('\n')).not.toContain(secret);
  });
});

describe('the id of an event that lies there', () => {
  const bodyWith = (id: unknown): string => JSON.stringify({ ...eventOf('password.changed', 'ann', { changedAt: new Date(0).toISOString() }), id });
  const uuid = '0b7a2f4e-5d3c-4f7b-9a61-2c9d8e1f0a35';

  it('is the event’s own when it is a UUID', () => {
    expect(foundIn(bodyWith(uuid), 'message-1', 'why').id).toBe(uuid);
  });

  it.each(['203.0.113.9', '2001:db8::7', '821055512377', 'player-4711', secret, `${uuid}.ann`, '', 7])('is the message’s when an outside producer chose %j, which may be anything', (id) => {
    expect(foundIn(bodyWith(id), 'message-1', 'why')).toEqual({ id: 'message-1', type: 'loginward.password.changed.v1', reason: 'why' });
  });
});

describe('npm run dlq for one event of many', () => {
  it('gives back only the one that is meant, and takes a batch apart that holds others', async () => {
    const { command, bucket, offsets, park, giveUp } = setUp();
    await park(changed(0, 0, 'ann'));
    await giveUp(changed(0, 1, 'ann'), changed(0, 2, 'ben'));
    await command.redrive(service, { id: `${topic}/0/2` });
    expect(offsets()).toEqual([[2]]);
    expect(bucket.keys()).toEqual([0, 1].map((offset) => `parked/${topic}/0/${offset}.json`));
    await command.redrive(service, { type: 'loginward.settings.changed.v1' });
    expect(offsets()).toHaveLength(1);
  });

  it('says what it would do, and does nothing', async () => {
    const { command, said, bucket, calls, park } = setUp();
    await park(changed(0, 0, 'ann'));
    await park(changed(0, 1, 'ann'));
    await command.redrive(service, { isDryRun: true });
    await command.discard(service, '', { isDryRun: true, id: `${topic}/0/1` });
    expect(said).toEqual([
      `Would give back 2 events of ${service}.`,
      'events  type                           reason',
      '     2  loginward.password.changed.v1  not JSON',
      `Would discard 1 event of ${service}.`,
      'events  type                           reason',
      '     1  loginward.password.changed.v1  not JSON',
    ]);
    expect(calls).toEqual([]);
    expect(bucket.keys()).toHaveLength(2);
  });

  it('discards for good, and keeps what and why before it goes', async () => {
    const { command, said, bucket, kept, park, giveUp } = setUp();
    await park(changed(0, 0, secret));
    await giveUp(changed(0, 1, secret), changed(0, 2, secret));
    await command.discard(service, 'a test account', { id: `${topic}/0/2` });
    expect(bucket.keys()).toHaveLength(2);
    await command.discard(service, 'the others, too');
    expect(bucket.keys()).toEqual([]);
    expect(kept.map(({ reason, events }) => [reason, events.map(({ id }) => id)])).toEqual([
      ['a test account', [`${topic}/0/2`]],
      ['the others, too', [`${topic}/0/0`, `${topic}/0/1`]],
    ]);
    expect(said).toContain(JSON.stringify(kept[0]));
    expect(said.at(-1)).toBe(`2 events of ${service} discarded. The record is kept in the record.`);
    expect(said.join()).not.toContain(secret);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { eventType, maxReceives, maxRetries } from '../../lambdas/contracts/names.ts';
import type { ApiClient } from '../support/local-client.ts';
import { doneKey, switchKey, triesKey } from './probe.ts';

/** The promises of a bus that one bus keeps and another may not. */
export const optionalPromises = {
  order: 'order of an account',
  past: 'a new consumer gets what was published before it',
  bus: 'survives the death of the bus in mid-load',
  consumers: 'survives the death of consumers in mid-load',
  raw: 'takes what nobody understands from other producers',
} as const;
export type OptionalPromise = keyof typeof optionalPromises;

export type Probe = 'probe-one' | 'probe-two';

/** The deployment of the probes on a bus, however it is run. */
export interface ConformanceBus {
  readonly api: ApiClient;
  readonly tables: DynamoDBDocumentClient;
  /** What the names of its resources begin with: `loginward-local-`. */
  readonly prefix: string;
  /** Puts anything onto the topic of `password.changed`. */
  put(record: { readonly key?: string; readonly value: string | null; readonly headers?: Readonly<Record<string, string>> }): Promise<void>;
  /** What lies where operators find what a probe could not handle. */
  parked(probe: Probe): Promise<{ readonly value: string; readonly reason: string | undefined }[]>;
  /** Kills a process of a probe that works just now. @returns whether there was one */
  readonly kill?: (probe: Probe) => Promise<boolean>;
  /** Kills what carries the events, and starts it again. */
  readonly crash?: () => Promise<void>;
  /** A deployment in which one more consumer has been added after all that was published. */
  readonly withLateConsumer?: () => Promise<void>;
}

let ids = 0;
/** An id that says how its event is to be handled. */
const newId = (how: string): string => `${how}-${(ids += 1).toString().padStart(5, '0')}`;

/**
 * What a bus promises, as tests; the same for every bus. What a bus does not promise is named with its reason, which the decision record
 * that compares the buses must hold as well.
 */
export function conformanceSuite(name: string, bus: () => ConformanceBus, cannot: Readonly<Partial<Record<OptionalPromise, string>>>): void {
  const moment = '2026-11-21T00:00:00Z';
  const event = (id: string, subject: string, type: 'password.changed' | 'contact.changed' = 'password.changed', data: object = { changedAt: moment }) => ({
    specversion: '1.0',
    id,
    source: 'test',
    type: eventType(type),
    subject,
    time: moment,
    data,
  });
  const post = async (...events: object[]): Promise<void> => {
    const { status, body } = await bus().api.signed('/v1/events', { headers: { 'content-type': 'application/cloudevents-batch+json' }, body: events });
    expect({ status, body }).toMatchObject({ status: 202 });
  };
  const item = async (probe: Probe, key: object): Promise<Record<string, unknown>> =>
    (await bus().tables.send(new GetCommand({ TableName: `${bus().prefix}${probe}-log`, Key: key, ConsistentRead: true }))).Item ?? {};
  const done = async (probe: Probe, accountId: string) => ((await item(probe, doneKey(accountId)))['ids'] ?? []) as string[];
  const tries = async (probe: Probe, accountId: string, id: string) => ((await item(probe, triesKey(accountId, id)))['tries'] ?? 0) as number;
  const turn = async (probe: Probe, down: boolean): Promise<void> => {
    await bus().tables.send(
      new UpdateCommand({ TableName: `${bus().prefix}${probe}-log`, Key: switchKey, UpdateExpression: 'SET down = :down', ExpressionAttributeValues: { ':down': down } }),
    );
  };
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await delay(100);
  };
  const arrived = (probe: Probe, accountId: string, count: number) => until(async () => (await done(probe, accountId)).length >= count);
  const parked = async (probe: Probe, value: string) => (await bus().parked(probe)).filter((each) => each.value.includes(value));

  const promises = (promise: OptionalPromise, run: () => Promise<void>, milliseconds?: number): void => {
    const reason = cannot[promise];
    const declare = (): void => {
      const record = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'decisions', '0016-which-bus.md'), 'utf8');
      for (const words of [optionalPromises[promise], reason]) expect(record).toContain(words);
    };
    const title = optionalPromises[promise];
    it(`${title}${reason === undefined ? '' : `: not promised, ${reason}`}`, reason === undefined ? run : declare, milliseconds);
  };

  describe(`${name} keeps the promises of the bus`, () => {
    it('what was answered 202 reaches every consumer', async () => {
      const mine = Array.from({ length: 60 }, () => newId('goes'));
      await post(...mine.map((id) => event(id, 'everywhere')));
      for (const probe of ['probe-one', 'probe-two'] as const) {
        await arrived(probe, 'everywhere', mine.length);
        expect((await done(probe, 'everywhere')).toSorted()).toEqual(mine);
      }
    });

    it('a consumer gets what its filter lets through, and nothing else', async () => {
      await post(event(newId('no'), 'filtered', 'contact.changed', { locale: 'en' }), event(newId('no'), 'filtered', 'contact.changed', {}), event('yes', 'filtered', 'contact.changed', { locale: 'ko' }));
      await arrived('probe-one', 'filtered', 1);
      // What came later is through as well, so the others never come.
      await post(event('yes-too', 'filtered', 'contact.changed', { locale: 'ko' }));
      await arrived('probe-one', 'filtered', 2);
      expect(await done('probe-one', 'filtered')).toEqual(['yes', 'yes-too']);
    });

    it('what follows from an event reaches its consumers, once, with an id that a redelivery repeats', async () => {
      const id = newId('chains');
      await post(event(id, 'chained'));
      await post(event(id, 'chained'));
      await until(async () => (await tries('probe-one', 'chained', id)) >= 2);
      await arrived('probe-two', 'chained', 2);
      const ofTwo = await done('probe-two', 'chained');
      const derived = ofTwo.find((each) => each !== id) ?? '';
      await until(async () => (await tries('probe-two', 'chained', derived)) >= 2);
      expect((await done('probe-two', 'chained')).toSorted()).toEqual([id, derived].toSorted());
    });

    it('a record that fails comes again until it is done, and its neighbours need not wait for it', async () => {
      const failing = newId('fails2');
      const good = Array.from({ length: 9 }, () => newId('goes'));
      await post(event(failing, 'slow'), ...good.map((id, index) => event(id, `quick-${index}`)));
      for (const probe of ['probe-one', 'probe-two'] as const) {
        await arrived(probe, 'slow', 1);
        expect(await tries(probe, 'slow', failing)).toBeGreaterThanOrEqual(3);
        for (const [index, id] of good.entries()) {
          await arrived(probe, `quick-${index}`, 1);
          expect(await done(probe, `quick-${index}`)).toEqual([id]);
        }
      }
    });

    it('a record that always fails lies whole where operators find it after the stated tries, and nothing else does', async () => {
      const failing = newId('fails');
      const [before, behind] = [newId('goes'), newId('goes')];
      await post(event(before, 'poisoned'), event(failing, 'poisoned'), event(behind, 'poisoned'));
      for (const probe of ['probe-one', 'probe-two'] as const) {
        await arrived(probe, 'poisoned', 2);
        await until(async () => (await parked(probe, failing)).length > 0);
        const [record] = await parked(probe, failing);
        expect(JSON.parse(record?.value ?? '')).toMatchObject({ id: failing, subject: 'poisoned', data: { changedAt: expect.any(String) } });
        const count = await tries(probe, 'poisoned', failing);
        expect(count).toBeGreaterThanOrEqual(maxReceives);
        // As often as it is alone, and in each half of its batch before that.
        expect(count).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(10)) + maxRetries);
        expect((await done(probe, 'poisoned')).toSorted()).toEqual([before, behind].toSorted());
        expect(await parked(probe, 'goes-')).toEqual([]);
      }
    }, 240_000);

    it('a record that can never be done is parked at once, whole, with the reason', async () => {
      const [bad, good] = [newId('parks'), newId('goes')];
      await post(event(bad, 'parked'), event(good, 'parked'));
      await arrived('probe-one', 'parked', 1);
      await until(async () => (await parked('probe-one', bad)).length > 0);
      expect((await parked('probe-one', bad))[0]?.reason).toBe('asked to');
      expect(await tries('probe-one', 'parked', bad)).toBe(1);
      expect(await done('probe-one', 'parked')).toEqual([good]);
    });

    it('a consumer that fails holds up no other, and gets everything when it works again', async () => {
      await turn('probe-two', true);
      const mine = Array.from({ length: 20 }, () => newId('goes'));
      await post(...mine.map((id, index) => event(id, `held-${index % 4}`)));
      for (let account = 0; account < 4; account += 1) await arrived('probe-one', `held-${account}`, 5);
      await until(async () => (await tries('probe-two', 'held-0', mine[0] ?? '')) >= 1);
      expect(await done('probe-two', 'held-0')).toEqual([]);
      await turn('probe-two', false);
      for (let account = 0; account < 4; account += 1) {
        await arrived('probe-two', `held-${account}`, 5);
        expect((await done('probe-two', `held-${account}`)).toSorted()).toEqual(mine.filter((_, index) => index % 4 === account));
      }
      expect(await parked('probe-two', '"held-')).toEqual([]);
    });

    promises('raw', async () => {
      await bus().put({ key: 'raw', value: '{not JSON' });
      await bus().put({ value: 'nobody’s' });
      await bus().put({ key: 'raw', value: JSON.stringify({ ...event('raw-7', 'raw'), type: 'loginward.verdict.decided.v1' }) });
      await bus().put({ key: 'raw', value: JSON.stringify({ ...event('raw-8', 'raw'), addedLater: { by: 'a newer producer' } }), headers: { 'x-unknown': 'header' } });
      await bus().put({ key: 'raw', value: null });
      const good = newId('goes');
      await post(event(good, 'raw'));
      for (const probe of ['probe-one', 'probe-two'] as const) {
        await arrived(probe, 'raw', 2);
        expect((await done(probe, 'raw')).toSorted()).toEqual([good, 'raw-8']);
        await until(async () => (await parked(probe, 'raw-7')).length > 0);
        expect((await parked(probe, '{not JSON'))[0]?.reason).toBe('not JSON');
        expect((await parked(probe, 'nobody’s'))[0]?.reason).toBe('not JSON');
        expect((await parked(probe, 'raw-7'))[0]?.reason).toBe('unknown event type');
      }
    });

    promises('order', async () => {
      const accounts = Array.from({ length: 10 }, (_, index) => `ordered-${index}`);
      const mine = new Map(accounts.map((account) => [account, [] as string[]]));
      for (let round = 0; round < 6; round += 1) {
        const batch = Array.from({ length: 50 }, (_, index) => ({ account: accounts[(round * 7 + index) % 10] ?? '', id: newId(index % 17 === 0 ? 'fails1' : 'goes') }));
        for (const { account, id } of batch) mine.get(account)?.push(id);
        await post(...batch.map(({ account, id }) => event(id, account)));
      }
      for (const probe of ['probe-one', 'probe-two'] as const) {
        for (const [account, all] of mine) {
          await arrived(probe, account, all.length);
          expect(await done(probe, account)).toEqual(all);
        }
      }
    });

    promises('consumers', async () => {
      const { kill } = bus();
      if (!kill) throw new Error('Whoever promises it lets its consumers be killed.');
      const mine: string[] = [];
      for (let kills = 0; mine.length < 300 || kills < 5; kills += Number(await kill('probe-one'))) {
        const batch = Array.from({ length: 20 }, () => newId('goes'));
        await post(...batch.map((id, index) => event(id, `mortal-${index % 5}`)));
        mine.push(...batch);
      }
      const all = async () => (await Promise.all([0, 1, 2, 3, 4].map((account) => done('probe-one', `mortal-${account}`)))).flat();
      await until(async () => (await all()).length >= mine.length);
      expect((await all()).toSorted()).toEqual(mine);
    }, 240_000);

    promises('bus', async () => {
      const { crash } = bus();
      if (!crash) throw new Error('Whoever promises it lets its bus be killed.');
      const accepted: string[] = [];
      const over = new AbortController();
      const posting = (async () => {
        while (!over.signal.aborted) {
          const batch = Array.from({ length: 10 }, () => newId('goes'));
          const answer = await bus()
            .api.signed('/v1/events', { headers: { 'content-type': 'application/cloudevents-batch+json' }, body: batch.map((id) => event(id, `crash-${id.slice(-1)}`)) })
            .catch(() => undefined);
          if (answer?.status === 202) accepted.push(...batch);
          else await delay(100);
        }
      })();
      await until(() => Promise.resolve(accepted.length >= 200));
      await crash();
      const before = accepted.length;
      await until(() => Promise.resolve(accepted.length >= before + 100));
      over.abort();
      await posting;
      const all = async () => (await Promise.all(Array.from({ length: 10 }, (_, account) => done('probe-two', `crash-${account}`)))).flat();
      await until(async () => new Set(accepted).isSubsetOf(new Set(await all())));
      expect(new Set(await all()).size).toBe((await all()).length);
    }, 240_000);

    promises('past', async () => {
      const { withLateConsumer } = bus();
      if (!withLateConsumer) throw new Error('Whoever promises it lets a consumer be added.');
      const id = newId('goes');
      await post(event(id, 'past', 'contact.changed', { locale: 'en' }));
      await withLateConsumer();
      await arrived('probe-two', 'past', 1);
      expect(await done('probe-two', 'past')).toEqual([id]);
    });
  });
}

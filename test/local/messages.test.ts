import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Messages, openMessages } from '../../local/aws/messages.ts';
import type { Queue } from '../../local/model.ts';

const queue = (name: string, more: Partial<Queue> = {}): Queue => ({
  name,
  arn: `arn:${name}`,
  url: `https://${name}`,
  visibilitySeconds: 30,
  retentionSeconds: 3600,
  policies: [],
  ...more,
});
const queues = [queue('main', { redrive: { deadLetterQueueArn: 'arn:dead', maxReceives: 3 } }), queue('dead', { retentionSeconds: 7200 })];

describe('the queues of the local run', () => {
  let database: DatabaseSync;
  let messages: Messages;
  let now: number;
  beforeEach(() => {
    now = 1_000_000_000;
    database = new DatabaseSync(':memory:');
    messages = openMessages(database, queues, () => now);
  });
  const send = (...bodies: string[]) => messages.send(bodies.map((body) => ({ queueArn: 'arn:main', message: { body } })));
  const receive = (max = 10) => messages.receive('arn:main', max);
  const later = (seconds: number) => {
    now += seconds * 1000;
  };

  it('hide what was received until the visibility time-out ends, and count receives', () => {
    send('a');
    expect(receive()).toMatchObject([{ body: 'a', receives: 1 }]);
    expect(receive()).toEqual([]);
    later(30);
    expect(receive()).toMatchObject([{ body: 'a', receives: 2 }]);
  });

  it('forget what was deleted, but not by a receipt handle of an earlier receive', () => {
    send('a');
    const [first] = receive();
    later(30);
    const [second] = receive();
    messages.delete('arn:main', [first?.receiptHandle ?? '']);
    expect(messages.count('arn:main')).toBe(1);
    messages.delete('arn:main', [second?.receiptHandle ?? '']);
    expect(messages.count('arn:main')).toBe(0);
  });

  it('show a message again at the moment that its visibility was changed to, also at once', () => {
    send('a');
    const [first] = receive();
    expect(messages.changeVisibility('arn:main', first?.receiptHandle ?? '', 0)).toBe(true);
    const [second] = receive();
    expect(second?.receives).toBe(2);
    expect(messages.changeVisibility('arn:main', first?.receiptHandle ?? '', 0)).toBe(false);
    messages.changeVisibility('arn:main', second?.receiptHandle ?? '', 5);
    expect(receive()).toEqual([]);
    later(5);
    expect(receive()).toHaveLength(1);
  });

  it('move a message to the dead-letter queue after its last receive', () => {
    send('poison', 'good');
    for (let turn = 1; turn <= 3; turn += 1) {
      for (const { body, receiptHandle } of receive()) if (body === 'good') messages.delete('arn:main', [receiptHandle]);
      later(30);
    }
    expect(receive()).toEqual([]);
    expect(messages.count('arn:main')).toBe(0);
    expect(messages.peek('arn:dead').map(({ body }) => body)).toEqual(['poison']);
  });

  it('drop what is older than the retention, also in the dead-letter queue, where it keeps its age', () => {
    send('old');
    later(4000);
    expect(openMessages(database, queues, () => now).count('arn:main')).toBe(0);
  });

  it('take all messages of a publication or none', () => {
    expect(() =>
      messages.send([
        { queueArn: 'arn:main', message: { body: 'a' } },
        { queueArn: 'arn:nowhere', message: { body: 'b' } },
      ]),
    ).toThrow('There is no queue');
    expect(messages.count('arn:main')).toBe(0);
  });

  it('show at once, after a restart, what was in flight', () => {
    send('a');
    receive();
    messages = openMessages(database, queues, () => now);
    expect(receive()).toMatchObject([{ body: 'a', receives: 2 }]);
  });

  it('tell who waits of a message that arrives, and of one that comes back', async () => {
    const arrived = messages.arrival('arn:main', new AbortController().signal);
    send('a');
    await arrived;
    const stop = new AbortController();
    receive();
    const never = messages.arrival('arn:main', stop.signal);
    stop.abort();
    await never;
  });

  it('lose nothing and give nothing to two, whatever is done with them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('send', 'receive', 'delete', 'wait', 'fail', 'restart'), { minLength: 1, maxLength: 60 }),
        (steps) => {
          const own = new DatabaseSync(':memory:');
          let store = openMessages(own, queues, () => now);
          const held = new Map<string, number>();
          let [sent, deleted] = [0, 0];
          for (const step of steps) {
            if (step === 'send') store.send([{ queueArn: 'arn:main', message: { body: String((sent += 1)) } }]);
            if (step === 'wait') later(31);
            if (step === 'wait' || step === 'restart') held.clear();
            if (step === 'restart') store = openMessages(own, queues, () => now);
            if (step === 'receive') {
              for (const { receiptHandle } of store.receive('arn:main', 2)) {
                expect(held.has(receiptHandle)).toBe(false);
                held.set(receiptHandle, now);
              }
            }
            const [handle] = held.keys();
            if (handle !== undefined && (step === 'delete' || step === 'fail')) {
              held.delete(handle);
              if (step === 'fail') store.changeVisibility('arn:main', handle, 0);
              else {
                store.delete('arn:main', [handle]);
                deleted += 1;
              }
            }
            expect(store.count('arn:main') + store.count('arn:dead')).toBe(sent - deleted);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

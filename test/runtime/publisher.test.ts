import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import { clientDefaults } from '../../lambdas/runtime/environment.ts';
import { snsPublisher } from '../../lambdas/runtime/sns/publisher.ts';

const event = (id: string, type = 'a', padding = 0): CloudEvent => ({
  specversion: '1.0',
  id,
  source: 'test',
  type,
  subject: 'player-1',
  time: '2026-11-21T00:00:00Z',
  data: 'x'.repeat(padding),
});

const topics = new Map(['a', 'b', 'c'].map((type) => [type, `arn:${type}`]));

type Batch = PublishBatchCommand['input'];
type Answer = { Failed?: { Id: string; Code: string; SenderFault: boolean }[] };

/** An SNS that keeps what it took, and answers as the test says. */
function sns(answer: (batch: Batch, call: number) => Answer | Error) {
  const calls: Batch[] = [];
  const taken: string[] = [];
  const client = {
    send: ({ input }: PublishBatchCommand) => {
      calls.push(input);
      const result = answer(input, calls.length);
      if (result instanceof Error) return Promise.reject(result);
      const failed = new Set(result.Failed?.map(({ Id }) => Id));
      for (const { Id, Message } of input.PublishBatchRequestEntries ?? []) {
        if (!failed.has(Id ?? '')) taken.push((JSON.parse(Message ?? '') as CloudEvent).id);
      }
      return Promise.resolve(result);
    },
  } as unknown as SNSClient;
  return { calls, taken, publisher: snsPublisher(client, topics, () => 0) };
}

describe('publishing by PublishBatch', () => {
  it('sends no more than 10 events and 256 KiB at once, by topic', async () => {
    const { publisher, calls } = sns(() => ({}));
    const events = Array.from({ length: 25 }, (_, index) => event(`${index}`, index % 2 ? 'a' : 'b', index < 4 ? 100_000 : 10));
    expect((await publisher.publish(events)).size).toBe(0);
    for (const { PublishBatchRequestEntries: entries = [], TopicArn } of calls) {
      expect(entries.length).toBeLessThanOrEqual(10);
      expect(entries.reduce((sum, { Message }) => sum + Buffer.byteLength(Message ?? ''), 0)).toBeLessThan(256 * 1024);
      for (const { Message } of entries) expect(`arn:${(JSON.parse(Message ?? '') as CloudEvent).type}`).toBe(TopicArn);
    }
    expect(calls.length).toBe(4);
  });

  it('tries again exactly the entries that failed, and reports exactly what is still unconfirmed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 35 }), fc.infiniteStream(fc.integer({ min: 0, max: 3 })), async (count, dice) => {
        const { publisher, taken } = sns(({ PublishBatchRequestEntries: entries = [] }) => {
          if (dice.next().value === 0) return new Error('timed out');
          const failed = entries.filter(() => dice.next().value === 0);
          return { Failed: failed.map(({ Id }) => ({ Id: Id ?? '', Code: 'InternalError', SenderFault: false })) };
        });
        const events = Array.from({ length: count }, (_, index) => event(`${index}`));
        const unconfirmed = await publisher.publish(events);
        const missing = events.filter(({ id }) => !taken.includes(id));
        expect([...unconfirmed.keys()].map(({ id }) => id).toSorted()).toEqual(missing.map(({ id }) => id).toSorted());
        expect(new Set(taken).size).toBe(taken.length);
      }),
      { numRuns: 200 },
    );
  });

  it('gives up after some tries, and says why', async () => {
    const { publisher, calls } = sns(() => new Error('throttled'));
    const events = [event('1')];
    expect([...(await publisher.publish(events)).values()]).toEqual(['Error']);
    expect(calls.length).toBe(3);
  });
});

describe('a call to AWS that hangs', () => {
  it('fails while the function still has time to report it', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = new SNSClient({
      ...clientDefaults,
      requestHandler: { ...clientDefaults.requestHandler, requestTimeout: 50 },
      maxAttempts: 1,
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const unconfirmed = await snsPublisher(client, topics, () => 0).publish([event('1')]);
    expect([...unconfirmed.values()]).toEqual(['TimeoutError']);
    server.closeAllConnections();
    server.close();
  });
});

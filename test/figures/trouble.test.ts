import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws/calls.ts';
import type { Trouble } from '../../local/aws/endpoint.ts';
import { randomOf } from '../../local/sample/random.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { wholeHistory } from '../support/whole-history.ts';
import { chunks, each } from '../support/work.ts';

let chain: LocalChain;
afterEach(() => chain.remove());

const publisher = 'loginward-local-publisher-api';
const occurredAt = () => new Date(Date.now() - 60_000).toISOString();

describe('bad record', () => {
  it('a poisoned record lies in the dead-letter queue after 5 tries, and its 9 neighbours are delivered once', async () => {
    let tries = 0;
    const before: Trouble['before'] = (_, { operation, input }) => {
      if (operation !== 'PutItem' || input.Item?.accountId?.S !== 'poisoned') return;
      tries += 1;
      throw new AwsError('ValidationException', 400, 'This item cannot be written.');
    };
    chain = await startLocalChain({ trouble: { before } });
    const body = Array.from({ length: 10 }, (_, index) => ({ accountId: index === 4 ? 'poisoned' : `neighbour-${index}`, ip: '8.8.8.8', id: '1', occurredAt: occurredAt() }));
    expect((await chain.api.signed('/v1/logins', { body })).status).toBe(202);
    await chain.settled();
    const dead = chain.local.peek('loginward-local-login-logger-dead-letters');
    expect(dead.map(({ body: event }) => JSON.parse(event).subject)).toEqual(['poisoned']);
    expect(dead[0]?.attributes?.['Loginward.Reason']?.StringValue).toBe('ValidationException');
    expect(tries).toBe(5);
    for (const { accountId } of body) expect(await wholeHistory(chain.api, accountId)).toHaveLength(accountId === 'poisoned' ? 0 : 1);
    console.log(`bad record: in the dead-letter queue after ${tries} tries, 9 neighbours in the history once`);
  });

  it('an unknown or malformed event goes to the dead-letter queue at once, with the reason', async () => {
    chain = await startLocalChain();
    const queue = 'loginward-local-ip-checker-queue';
    const bad: [string, RegExp][] = [
      ['no JSON', /^not JSON$/],
      ['{"type":"studio.match.ended.v1"}', /^unknown event type$/],
      ['{"type":"loginward.login.submitted.v1","data":{}}', /^malformed at .*data\.ip/],
      [JSON.stringify({ type: 'loginward.action.requested.v1' }), /^unknown event type$/],
    ];
    for (const [body] of bad) chain.local.send(queue, body);
    await chain.settled();
    const dead = chain.local.peek('loginward-local-ip-checker-dead-letters');
    expect(dead).toHaveLength(bad.length);
    for (const [body, reason] of bad) {
      expect(dead.find((message) => message.body === body)?.attributes?.['Loginward.Reason']?.StringValue).toMatch(reason);
    }
  });
});

describe('bus trouble', () => {
  /** Posts each batch until all of it is confirmed; counts the answers on the way. */
  async function postAll(count: number) {
    const answers = new Map<number, number>();
    const logins = Array.from({ length: count }, (_, index) => ({ accountId: `account-${index % 50}`, ip: '1.201.1.1', id: `login-${index}`, occurredAt: occurredAt() }));
    const confirmed = new Set<string>();
    await each(chunks(logins, 20), 4, async (body) => {
      for (let open = body; open.length > 0; ) {
        const { status, headers, body: answer } = await chain.api.signed('/v1/logins', { body: open });
        answers.set(status, (answers.get(status) ?? 0) + 1);
        if (status === 503) {
          expect(headers.get('retry-after')).toBe('5');
          await delay(10);
          continue;
        }
        expect([202, 207]).toContain(status);
        const results = answer.results as { index: number; status: number; id: string; problem?: { type: string } }[];
        for (const { status: each, id, problem } of results) {
          if (each === 202) confirmed.add(id);
          else expect({ each, type: problem?.type }).toMatchObject({ each: 503, type: expect.stringMatching(/bus-unavailable$/) });
        }
        const failed = new Set(results.filter(({ status: each }) => each !== 202).map(({ index }) => index));
        open = open.filter((_, index) => failed.has(index));
      }
    });
    await chain.settled();
    const entries: string[] = [];
    for (let account = 0; account < 50; account += 1) entries.push(...(await wholeHistory(chain.api, `account-${account}`)).map(({ id }) => id));
    expect(new Set(entries).size).toBe(entries.length);
    expect(entries.toSorted()).toEqual([...confirmed].toSorted());
    expect(entries).toHaveLength(count);
    return [...answers].map(([status, times]) => `${times} x ${status}`).join(', ');
  }

  const random = randomOf(19);
  const share = (percent: number) => random.below(100) < percent;
  const throttled = () => new AwsError('ThrottledException', 429, 'Rate exceeded');
  const kinds: [string, Trouble][] = [
    ['some entries fail', { failsEntry: (name) => name === publisher && share(40) }],
    [
      'throttling',
      {
        before: (name, { operation }) => {
          if (name === publisher && operation === 'PublishBatch' && share(60)) throw throttled();
        },
      },
    ],
    ['no answer after the commit', { after: (name, { operation }) => (name === publisher && operation === 'PublishBatch' && share(40) ? 'hang up' : undefined) }],
    [
      'all of it, in every function',
      {
        failsEntry: (_, __, { operation }) => operation === 'PublishBatch' && share(10),
        before: (_, { operation }) => {
          if (operation === 'PublishBatch' && share(10)) throw throttled();
        },
        after: (_, { operation }) => (operation === 'PublishBatch' && share(10) ? 'hang up' : undefined),
      },
    ],
  ];
  it.each(kinds)('%s: no 202 for an unconfirmed login, no loss, no double', async (name, trouble) => {
    chain = await startLocalChain({ trouble });
    const answers = await postAll(1000);
    console.log(`bus trouble, ${name}: 1000 logins in the history once; answers ${answers}`);
  });

  it('the bus down: 503 for all, and nothing in the history', async () => {
    chain = await startLocalChain({ trouble: { failsEntry: () => true } });
    const { status } = await chain.api.signed('/v1/logins', { body: { accountId: 'nobody', ip: '8.8.8.8' } });
    expect(status).toBe(503);
    await chain.settled();
    expect(await wholeHistory(chain.api, 'nobody')).toEqual([]);
  });
});

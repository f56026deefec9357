import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAsAnyone } from '../../lambdas/account-unlock/routes.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { client } from '../support/requests.ts';
import { hours, loginId, minutes, otherThan, reachable, setUp, start } from './set-up.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

/** account-unlock that knows the account's contact. */
async function reached(options: Parameters<typeof setUp>[1] = {}, tables: DynamoDBDocumentClient = database.tables) {
  const made = setUp(tables, options);
  await made.contact(reachable, start - hours(1000));
  return made;
}

/** The same tables, and what they were told to do. */
function watched(tables: DynamoDBDocumentClient) {
  const calls: string[] = [];
  const send = (command: Parameters<DynamoDBDocumentClient['send']>[0]) => {
    calls.push(command.constructor.name);
    return tables.send(command);
  };
  return { calls, tables: { send } as unknown as DynamoDBDocumentClient };
}

describe('a right code', () => {
  it('asked for by a player proves the player, with the moment of the answer', async () => {
    const { challenge, verify, verified, clock, asking, accountId } = await reached();
    const { challengeId, code } = await challenge('player', 'sms');
    clock.now += minutes(9);
    const { status, body } = await verify('player', challengeId, code);
    expect([status, body]).toEqual([200, { verified: true }]);
    const data = { challenge: asking().data.challenge, verifiedAt: new Date(clock.now).toISOString(), channel: 'sms', purpose: 'step_up' };
    expect(verified()).toMatchObject([{ subject: accountId, source: 'account-unlock' }]);
    expect(verified().map((event) => event.data)).toEqual([data]);
  });

  it.each(['player', 'public'] as const)('asked for by %s lifts the lock of an account that is locked, and names its login', async (asker) => {
    const { challenge, verify, verified, standing } = await reached();
    await standing({ lockedAt: start - minutes(1), unlockedAt: start - hours(100) });
    const { challengeId, code } = await challenge(asker);
    expect((await verify(asker, challengeId, code)).status).toBe(200);
    expect(verified()[0]?.data).toMatchObject({ purpose: 'unlock', loginId });
  });

  it('lifts a lock whose login occurred some minutes ahead of this clock', async () => {
    const { challenge, verify, verified, standing, clock } = await reached();
    const lockedAt = clock.now + minutes(4);
    await standing({ lockedAt });
    const { challengeId, code } = await challenge('public');
    expect((await verify('public', challengeId, code)).status).toBe(200);
    expect(Date.parse(verified()[0]?.data.verifiedAt ?? '')).toBeGreaterThan(lockedAt);
  });

  it('asked for by anyone is for unlocking, also when the account is not locked', async () => {
    const { challenge, verify, verified, standing } = await reached();
    await standing({ lockedAt: start - hours(2), unlockedAt: start - hours(1) });
    const { challengeId, code } = await challenge('public');
    expect((await verify('public', challengeId, code)).status).toBe(200);
    expect(verified()[0]?.data.purpose).toBe('unlock');
    expect(verified()[0]?.data.loginId).toBeUndefined();
  });

  it('may be typed in lower case, with spaces and hyphens', async () => {
    const { challenge, verify } = await reached();
    const { challengeId, code } = await challenge('player');
    const typed = ` ${code.slice(0, 4)}-${code.slice(4)} `.toLowerCase();
    expect((await verify('player', challengeId, typed)).status).toBe(200);
  });

  it('is good beside another that was asked for later', async () => {
    const { challenge, verify } = await reached();
    const [first, second] = [await challenge('public'), await challenge('public')];
    expect((await verify('public', first.challengeId, first.code)).status).toBe(200);
    expect((await verify('public', second.challengeId, second.code)).status).toBe(200);
  });

  it('may be sent again until the bus has confirmed it, and says the same each time', async () => {
    let isDown = false;
    const { challenge, verify, verified, clock, bus } = await reached({ isDown: () => isDown });
    const { challengeId, code } = await challenge('player');
    for (let wrong = 0; wrong < 4; wrong += 1) await verify('player', challengeId, otherThan(code));
    isDown = true;
    const firstAt = new Date((clock.now += 1000)).toISOString();
    for (let tries = 0; tries < 3; tries += 1) {
      const { status, headers } = await verify('player', challengeId, code);
      expect([status, headers['retry-after']]).toEqual([503, '5']);
      clock.now += 1000;
    }
    expect((await verify('player', challengeId, otherThan(code))).status).toBe(400);
    isDown = false;
    expect((await verify('player', challengeId, code)).status).toBe(200);
    expect(verified().map(({ data }) => data.verifiedAt)).toEqual([firstAt]);
    expect((await verify('player', challengeId, code)).status).toBe(400);
    expect(new Set(bus.published.map(({ id }) => id))).toHaveLength(bus.published.length);
  });

  it('that could not be noted as confirmed is answered well all the same, and published under the same id when it is sent again', async () => {
    const { challenge, verify, verified, routeServices } = await reached();
    const { challengeId, code } = await challenge('public');
    const lost = { ...routeServices, answers: { ...routeServices.answers, noteAnnounced: () => Promise.reject(new Error('died')) } };
    const { call } = client({ 'POST /v1/unlock-challenges/verify': verifyAsAnyone }, lost);
    expect((await call({ route: 'POST /v1/unlock-challenges/verify', body: { challengeId, code } })).status).toBe(200);
    expect((await verify('public', challengeId, code)).status).toBe(200);
    expect(verified().map(({ id }) => id)).toEqual([verified()[0]?.id, verified()[0]?.id]);
  });

  it('that is sent many times at once leads to one event, however often it is published', async () => {
    const { challenge, verify, verified } = await reached();
    const { challengeId, code } = await challenge('player');
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify('player', challengeId, code)));
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect(new Set(verified().map(({ id, data }) => `${id} ${data.verifiedAt}`))).toHaveLength(1);
  });
});

describe('guessing', () => {
  it('200 times at once compares five codes, after which the right one is refused', async () => {
    const { challenge, verify, routeServices, asking, verified } = await reached();
    const { challengeId, code } = await challenge('public');
    let compared = 0;
    const answers = {
      ...routeServices.answers,
      countTry: async (each: string) => {
        const found = await routeServices.answers.countTry(each);
        if (found) compared += 1;
        return found;
      },
    };
    const { call } = client({ 'POST /v1/unlock-challenges/verify': verifyAsAnyone }, { ...routeServices, answers });
    const guess = () => call({ route: 'POST /v1/unlock-challenges/verify', body: { challengeId, code: otherThan(code) } });
    const guesses = await Promise.all(Array.from({ length: 200 }, guess));
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([400]));
    expect(compared).toBe(5);
    expect((await verify('public', challengeId, code)).status).toBe(400);
    const key = { challenge: asking().data.challenge };
    const { Item } = await database.tables.send(new GetCommand({ TableName: 'challenges', Key: key, ConsistentRead: true }));
    expect(Item?.['tries']).toBe(5);
    expect(verified()).toEqual([]);
  });

  it('uses up nothing of the other challenges of the account', async () => {
    const { challenge, verify } = await reached();
    const mine = await challenge('player');
    const theirs = await challenge('public');
    for (let guess = 0; guess < 10; guess += 1) await verify('public', theirs.challengeId, otherThan(theirs.code));
    expect((await verify('player', mine.challengeId, mine.code)).status).toBe(200);
  });
});

describe('what is wrong', () => {
  /** Each way to be wrong, tried on a challenge of its own. */
  const wrongs: Record<string, (made: Awaited<ReturnType<typeof reached>>) => Promise<() => ReturnType<typeof made.verify>>> = {
    'a wrong code': async ({ challenge, verify }) => {
      const { challengeId, code } = await challenge('player');
      return () => verify('player', challengeId, otherThan(code));
    },
    'a code of another length': async ({ challenge, verify }) => {
      const { challengeId, code } = await challenge('player');
      return () => verify('player', challengeId, `${code}A`);
    },
    'a code that is over': async ({ challenge, verify, clock }) => {
      const { challengeId, code } = await challenge('player');
      clock.now += minutes(10);
      return () => verify('player', challengeId, code);
    },
    'a code that was used': async ({ challenge, verify }) => {
      const { challengeId, code } = await challenge('player');
      await verify('player', challengeId, code);
      return () => verify('player', challengeId, code);
    },
    'the right code after five wrong ones': async ({ challenge, verify }) => {
      const { challengeId, code } = await challenge('public');
      for (let wrong = 0; wrong < 5; wrong += 1) await verify('public', challengeId, otherThan(code));
      return () => verify('public', challengeId, code);
    },
    'the code of another challenge': async ({ challenge, verify }) => {
      const [first, second] = [await challenge('public'), await challenge('public')];
      return () => verify('public', first.challengeId, second.code);
    },
    "another account's token": async ({ challenge, verify }) => {
      const { challengeId, code } = await challenge('player');
      return () => verify('player', challengeId, code, 'somebody-else');
    },
    "anyone's challenge answered by the player": async ({ challenge, verify }) => {
      const { challengeId, code } = await challenge('public');
      return () => verify('player', challengeId, code);
    },
    "a player's challenge answered by anyone": async ({ challenge, verify }) => {
      const { challengeId, code } = await challenge('player');
      return () => verify('public', challengeId, code);
    },
    'an unknown challenge': async ({ verify }) => () => Promise.resolve(verify('public', 'unknown', 'ABCDEFGH')),
    'a challenge of which no code was sent': async ({ ask, verify }) => {
      const { body } = await ask('public', 'email', '1.1.1.1', 'nobody');
      return () => verify('public', body.challengeId, 'ABCDEFGH');
    },
  };

  it.each(Object.keys(wrongs))('such as %s is answered as any other, after two writes and one read, and proves nothing', async (name) => {
    const { tables, calls } = watched(database.tables);
    const made = await reached({}, tables);
    const tryIt = await wrongs[name]!(made);
    const proofs = made.verified().length;
    calls.length = 0;
    const { status, body, headers } = await tryIt();
    expect(calls).toEqual(['UpdateCommand', 'UpdateCommand', 'GetCommand']);
    expect(made.verified()).toHaveLength(proofs);
    expect([status, body]).toEqual([
      400,
      { type: 'https://loginward.dev/problems/invalid-code', title: 'The code is not right, or not any more', status: 400 },
    ]);
    expect(headers['content-type']).toBe('application/problem+json');
  });

  it('costs as much as what is right, up to where the bus confirms it', async () => {
    const { tables, calls } = watched(database.tables);
    let isDown = false;
    const { challenge, verify } = await reached({ isDown: () => isDown }, tables);
    const { challengeId, code } = await challenge('player');
    isDown = true;
    calls.length = 0;
    expect((await verify('player', challengeId, code)).status).toBe(503);
    expect(calls).toEqual(['UpdateCommand', 'UpdateCommand', 'GetCommand']);
    isDown = false;
    expect((await verify('player', challengeId, code)).status).toBe(200);
    expect(calls.slice(3)).toEqual(['UpdateCommand', 'UpdateCommand', 'GetCommand', 'UpdateCommand']);
  });

  it('makes no challenge where there is none', async () => {
    const { ask, asking, verify } = await reached();
    const { body } = await ask('public');
    await verify('public', body.challengeId, 'ABCDEFGH');
    const key = { challenge: asking().data.challenge };
    expect((await database.tables.send(new GetCommand({ TableName: 'challenges', Key: key }))).Item).toBeUndefined();
  });
});

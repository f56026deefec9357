import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RefusedError } from '../../lambdas/runtime/channels.ts';
import { answerAsking } from '../../lambdas/account-unlock/handler.ts';
import { alphabet, newCode } from '../../lambdas/account-unlock/codes.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { codeIn, hours, minutes, reachable, setUp, start } from './set-up.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

const longAgo = start - hours(1000);

/** account-unlock that knows the account's contact. */
async function reached(...[options]: [Parameters<typeof setUp>[1]?]) {
  const made = setUp(database.tables, options);
  await made.contact(reachable, longAgo);
  return made;
}

describe('a code', () => {
  it.each(['email', 'sms'] as const)('by %s goes out once, however often its event is delivered', async (channel) => {
    const { ask, asking, send, sent, telemetry } = await reached();
    await ask('public', channel);
    await Promise.all(Array.from({ length: 8 }, () => send(asking())));
    await send(asking());
    expect(sent).toHaveLength(1);
    expect(telemetry.counts).toEqual(new Map([['CodeSent', 1]]));
  });

  it('is of 31 characters that nobody confuses, each as likely as the others', () => {
    const codes = alphabet.split('').map((_, index) => newCode(() => index));
    expect(codes.map((code) => code[0]).join('')).toBe(alphabet);
    expect(new Set(alphabet)).toHaveLength(31);
    const bounds: number[] = [];
    newCode((below) => {
      bounds.push(below);
      return 0;
    });
    expect(bounds).toEqual(Array.from({ length: 8 }, () => 31));
  });

  it('is not sent 10 minutes after it was asked for, when nobody waits any more', async () => {
    const { ask, asking, send, sent, clock } = await reached();
    await ask('player');
    clock.now += minutes(10) + 1;
    await send(asking());
    expect(sent).toEqual([]);
  });

  it('and its challengeId are not kept', async () => {
    const { challenge, services, asking } = await reached();
    const { challengeId, code } = await challenge('player');
    const { Item } = await database.tables.send(
      new GetCommand({ TableName: 'challenges', Key: { challenge: asking().data.challenge }, ConsistentRead: true }),
    );
    expect(Item).toMatchObject({ tries: 0, endsAt: new Date(services.now().getTime() + minutes(10)).toISOString() });
    for (const secret of [challengeId, code, asking().data.codeKey]) expect(JSON.stringify(Item)).not.toContain(secret);
  });

  it('appears in no log', async () => {
    const { challenge, telemetry, accountId } = await reached({ answer: () => new Error('timed out') });
    await challenge('player', 'sms');
    for (const secret of [accountId, reachable.phone, reachable.email]) expect(telemetry.lines.join()).not.toContain(secret);
  });
});

describe('when the sender dies', () => {
  it('between claim and send, nothing is sent, and asking again works', async () => {
    const { ask, asking, send, sent, challenge, verify, services } = await reached();
    await ask('public', 'sms');
    const died = { ...services, isErased: () => Promise.reject(new Error('died')) };
    await expect(answerAsking(asking(), died)).rejects.toThrow('died');
    await send(asking());
    expect(sent).toEqual([]);
    const again = await challenge('public', 'sms');
    expect((await verify('public', again.challengeId, again.code)).status).toBe(200);
  });

  it('before the claim, the redelivery sends, and is counted once', async () => {
    const { ask, asking, send, sent, services, challenge } = await reached();
    await ask('player');
    const died = { ...services, challenges: { ...services.challenges, claim: () => Promise.reject(new Error('died')) } };
    for (let each = 0; each < 12; each += 1) await expect(answerAsking(asking(), died)).rejects.toThrow('died');
    await send(asking());
    for (let each = 0; each < 12; each += 1) await challenge('player');
    expect(sent).toHaveLength(10);
  });
});

describe('when the provider', () => {
  it.each(['email', 'sms'] as const)('refuses a code by %s, the record comes back, and it goes out once', async (channel) => {
    let tries = 0;
    const { ask, asking, send, sent, verify } = await reached({ answer: () => ((tries += 1) < 3 ? new RefusedError('Throttling', true) : undefined) });
    const { body } = await ask('player', channel);
    await expect(send(asking())).rejects.toThrow('Throttling');
    await expect(send(asking())).rejects.toThrow('Throttling');
    await send(asking());
    await send(asking());
    expect(sent).toHaveLength(1);
    expect((await verify('player', body.challengeId, codeIn(sent[0]))).status).toBe(200);
  });

  it('has no quota left, the record comes back after a minute', async () => {
    const { ask, asking, send } = await reached({ answer: () => new RefusedError('Throttling', true) });
    await ask('player');
    await expect(send(asking())).rejects.toMatchObject({ seconds: 60 });
  });

  it('leaves it unknown whether an SMS went out, it is not risked again, and its code is good', async () => {
    const { ask, asking, send, sent, verify, telemetry } = await reached({ answer: () => new Error('timed out') });
    const { body } = await ask('player', 'sms');
    await send(asking());
    await send(asking());
    expect(sent).toHaveLength(1);
    expect(telemetry.counts).toEqual(new Map([['NotificationUnknown', 1]]));
    expect((await verify('player', body.challengeId, codeIn(sent[0]))).status).toBe(200);
  });

  it('leaves it unknown whether an e-mail went out, another code is sent, and that one is good', async () => {
    let tries = 0;
    const { ask, asking, send, sent, verify } = await reached({ answer: () => ((tries += 1) === 1 ? new Error('timed out') : undefined) });
    const { body } = await ask('player');
    await expect(send(asking())).rejects.toThrow('timed out');
    await send(asking());
    expect(sent).toHaveLength(2);
    expect((await verify('player', body.challengeId, codeIn(sent[1]))).status).toBe(200);
  });
});

describe('past what goes out by SMS in a day', () => {
  // Each test has a day of its own: the count is the whole deployment's.
  it('a code goes by e-mail, and by SMS again on the next day', async () => {
    const { challenge, sent, clock, asking, verify, verified } = await reached({ smsPerDay: 2 });
    clock.now += hours(24);
    for (let each = 0; each < 2; each += 1) await challenge('player', 'sms');
    const third = await challenge('player', 'sms');
    clock.now += hours(12) - 1;
    await challenge('player', 'sms');
    clock.now += 1;
    await challenge('player', 'sms');
    expect(sent.map(({ to }) => to)).toEqual([reachable.phone, reachable.phone, reachable.email, reachable.email, reachable.phone]);
    expect(asking().data.channel).toBe('sms');
    clock.now = start + hours(24);
    await verify('player', third.challengeId, third.code);
    expect(verified()[0]?.data.channel).toBe('email');
  });

  it('one without an e-mail address gets nothing', async () => {
    const { contact, challenge, sent, telemetry } = setUp(database.tables, { smsPerDay: 0 });
    await contact({ phone: reachable.phone }, longAgo);
    await challenge('player', 'sms');
    expect(sent).toEqual([]);
    expect(telemetry.counts.get('CodeLimited')).toBe(1);
  });

  it('what the provider refused does not count', async () => {
    let tries = 0;
    const { ask, asking, send, sent, clock, telemetry } = await reached({
      smsPerDay: 1,
      answer: () => ((tries += 1) < 4 ? new RefusedError('Rejected', false) : undefined),
    });
    clock.now += hours(72);
    await ask('player', 'sms');
    // It ends there: an address that is refused for good would only come back again and again.
    for (let each = 0; each < 3; each += 1) await send(asking());
    expect(sent).toEqual([]);
    // The alarm takes the difference of both, so both must be known.
    expect(telemetry.counts).toEqual(new Map([['NotificationFailed', 3], ['CodeSent', 0]]));
    await send(asking());
    expect(sent.map(({ to }) => to)).toEqual([reachable.phone]);
  });
});

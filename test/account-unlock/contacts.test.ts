import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { codeIn, hours, minutes, reachable, setUp, start } from './set-up.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

const before = { email: 'before@example.com' };
const after = { email: 'after@example.com' };
const longAgo = start - hours(1000);

describe('a code goes only to a contact', () => {
  it('that was in force for 72 hours', async () => {
    const { contact, challenge, sent, telemetry } = setUp(database.tables);
    await contact(reachable, start - hours(72) + 1);
    await challenge('player');
    expect(sent).toEqual([]);
    expect(telemetry.counts.get('CodeNoContact')).toBe(1);
  });

  it('from the 72nd hour on', async () => {
    const { contact, challenge, sent } = setUp(database.tables);
    await contact(reachable, start - hours(72));
    await challenge('player');
    expect(sent.map(({ to }) => to)).toEqual([reachable.email]);
  });

  it('and until then to the one before it', async () => {
    const { contact, challenge, sent, clock } = setUp(database.tables);
    await contact(after, start - hours(1));
    await contact(before, longAgo);
    await challenge('player');
    clock.now += hours(71);
    await challenge('player');
    expect(sent.map(({ to }) => to)).toEqual([before.email, after.email]);
  });

  it('that was in force for 72 hours before the lock, however long the lock lasts', async () => {
    const { contact, challenge, sent, standing, clock } = setUp(database.tables);
    await contact(before, longAgo);
    await contact(after, start - hours(71));
    await standing({ lockedAt: start });
    clock.now += hours(500);
    await challenge('public');
    await challenge('player');
    expect(sent.map(({ to }) => to)).toEqual([before.email, before.email]);
  });

  it('so that after a lock a contact which came an hour before it gets nothing', async () => {
    const { contact, challenge, sent, standing, clock } = setUp(database.tables);
    await contact(reachable, start - hours(1));
    await standing({ lockedAt: start });
    clock.now += hours(500);
    await challenge('public');
    expect(sent).toEqual([]);
  });

  it('of now again once the lock was lifted, whatever order lock and unlock arrive in', async () => {
    const { contact, challenge, sent, standing, clock } = setUp(database.tables);
    await contact(before, longAgo);
    await contact(after, start - hours(1));
    clock.now += hours(100);
    await standing({ unlockedAt: start + hours(2), lockedAt: start });
    await standing({ lockedAt: start });
    await challenge('player');
    expect(sent.map(({ to }) => to)).toEqual([after.email]);
  });

  it('that has an address of the channel that was asked for', async () => {
    const { contact, challenge, sent } = setUp(database.tables);
    await contact(before, longAgo);
    await challenge('player', 'sms');
    expect(sent).toEqual([]);
  });
});

describe('the words', () => {
  it.each([
    ['en', 'public', /unlock your account/, /10 minutes/, /Never tell it to anyone/, /need do nothing/],
    ['en', 'player', /change the protection of your account/, /10 minutes/, /Never tell it to anyone/, /need do nothing/],
    ['ko', 'public', /잠금 해제/, /10분/, /누구에게도/, /아무것도 하지 않으셔도/],
    ['ko', 'player', /보호 설정 변경/, /10분/, /누구에게도/, /아무것도 하지 않으셔도/],
  ] as const)('in %s, for a code asked for by %s, say what for, for how long, and to keep it', async (locale, asker, ...said) => {
    const { contact, challenge, sent } = setUp(database.tables);
    await contact({ ...before, ...(locale === 'en' && { locale }) }, longAgo);
    await challenge(asker);
    for (const words of said) expect(sent[0]?.text).toMatch(words);
    expect(codeIn(sent[0])).toHaveLength(8);
  });

  it('say that a code unlocks the account, to a player whose account is locked', async () => {
    const { contact, challenge, sent, standing } = setUp(database.tables);
    await contact(reachable, longAgo);
    await standing({ lockedAt: start - minutes(1) });
    await challenge('player', 'sms');
    expect(sent[0]?.text).toContain('unlock your account');
    expect(sent[0]?.to).toBe(reachable.phone);
  });
});

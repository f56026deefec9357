import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf, receiptOf } from '../../lambdas/account-security/receipt.ts';
import { actionText } from '../../lambdas/account-security/words.ts';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import type { Verdict } from '../../lambdas/contracts/verdict.ts';
import { locatedLogin } from '../support/logins.ts';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loginward-receipt-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const occurredAt = new Date('2026-11-20T12:00:00Z');

/** A verdict as it is served. */
function verdictOf({ country = 'US', cameBefore = false, disputedAt }: { country?: string | null; cameBefore?: boolean; disputedAt?: string | undefined } = {}): Verdict {
  const login = locatedLogin('player', '1', occurredAt, { country, ...(country === null && { unlocatedReason: 'private' as const }) });
  const previousLogin = { loginId: locatedLogin('player', '0', new Date('2026-11-10T00:00:00Z')).loginId, ip: '1.201.1.1', country: 'KR', occurredAt: '2026-11-10T00:00:00.000Z' };
  const settings = { version: 3, since: '2026-11-01T00:00:00Z', homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad: ['sms' as const, 'lock' as const] }, trips: [] };
  const history = { previousLogin, ...(cameBefore && { earlierFromCountry: { ...previousLogin, country: 'US' } }), ...(disputedAt && { disputedAt }) };
  return { ...receiptOf(login, history, settings), actions: [{ actionId: 'a', response: 'sms', outcome: 'done', text: actionText('sms', 'done') }] };
}

describe('a receipt', () => {
  it('tells in words that a player understands what each rule saw, what follows, and how it ended', () => {
    const { rules, text, actions, triggers } = verdictOf();
    expect(triggers).toEqual(['login_abroad', 'new_country']);
    expect(rules.map(({ text: { en } }) => en)).toEqual([
      'The login came from United States; your home countries are South Korea.',
      'There was no login from United States in the 90 days before.',
      'The country of the address is known: United States.',
      'You did not say that this login was not yours.',
    ]);
    expect(rules[0]?.text.ko).toBe('미국에서 로그인했습니다. 본국은 대한민국입니다.');
    expect(text.en).toBe('Login from United States. What follows: an e-mail, a locked account, and an SMS.');
    expect(text.ko).toContain('계정 잠금');
    expect(actions[0]?.text).toEqual({ ko: '문자 메시지: 완료', en: 'an SMS: done' });
  });

  it('lists every input: the login, the one before, the geo database, the settings and their version', () => {
    expect(verdictOf({ cameBefore: true })).toMatchObject({
      login: { ip: '8.8.8.8', country: 'US' },
      previousLogin: { country: 'KR' },
      earlierFromCountry: { country: 'US' },
      geoDatabase: { name: 'test' },
      settings: { homeCountries: ['KR'], trips: [] },
      settingsVersion: 3,
    });
  });

  it('holds as it was given, and not when anything of it was altered', () => {
    fc.assert(
      fc.property(fc.constantFrom('US', 'JP', null), fc.boolean(), fc.boolean(), (country, cameBefore, isDisputed) => {
        const verdict = verdictOf({ country, cameBefore, disputedAt: isDisputed ? '2026-11-21T00:00:00.000Z' : undefined });
        expect(faultsOf(verdict)).toEqual([]);
        expect(faultsOf({ ...verdict, actions: [] })).toEqual([]);
        expect(faultsOf({ ...verdict, settingsVersion: 4 })).toEqual(['digest']);
        expect(faultsOf({ ...verdict, login: { ...verdict.login, country: 'KR' } })).toContain('rules');
        expect(faultsOf({ ...verdict, responses: ['kick'] })).toEqual(['digest', 'responses']);
        expect(faultsOf({ ...verdict, text: { ko: '', en: '' } })).toEqual(['digest']);
      }),
    );
  });
});

describe('npm run verify-receipt', () => {
  const verify = (content: string) => {
    const file = join(folder, 'receipt.json');
    writeFileSync(file, content);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/verify-receipt.ts', file], { cwd: root, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  };

  it('recomputes it, and says whether it holds', () => {
    const verdict = verdictOf();
    expect(verify(JSON.stringify(verdict))).toMatchObject({ status: 0, said: expect.stringContaining('holds: Login from United States.') });
    const altered = verify(JSON.stringify({ ...verdict, triggers: [] }));
    expect(altered).toMatchObject({ status: 1, said: expect.stringContaining('triggers: is not what') });
  });

  it('names what is wrong with a file that is no verdict', () => {
    expect(verify('{"loginId":1}')).toMatchObject({ status: 2, said: expect.stringContaining('#/loginId') });
    expect(verify('no JSON').status).toBe(2);
  });
});

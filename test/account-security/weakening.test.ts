import { describe, expect, it } from 'vitest';
import { weakened } from '../../lambdas/account-security/weakening.ts';
import { response, type Response } from '../../lambdas/contracts/primitives.ts';
import type { SecuritySettings } from '../../lambdas/contracts/settings.ts';

const settings = (login_abroad: Response[], homeCountries = ['KR']): SecuritySettings => ({
  homeCountries,
  responses: { login_abroad, new_country: ['email'], unlocated: ['none'] },
});

/** Pairs in which the second protects at least as well as the first, as decision 0008 says. */
const stands = new Set([
  'sms email',
  'email sms',
  'player_message email',
  'player_message sms',
  'kick block_abroad',
]);

describe('what counts as weakening', () => {
  const pairs = response.options.flatMap((before) => response.options.map((after) => [before, after] as const));
  it.each(pairs)('%s replaced by %s', (before, after) => {
    const isWeaker = before !== 'none' && before !== after && !stands.has(`${before} ${after}`);
    expect(weakened(settings([before]), settings([after]))).toEqual(isWeaker ? ['#/responses/login_abroad'] : []);
  });

  it('a response that is added weakens nothing', () => {
    expect(weakened(settings(['email']), settings(['email', 'lock']))).toEqual([]);
    expect(weakened(settings(['none']), settings(['kick']))).toEqual([]);
  });

  it('a home country that is new weakens; one that goes does not', () => {
    expect(weakened(settings(['email'], ['KR']), settings(['email'], ['KR', 'JP']))).toEqual(['#/homeCountries']);
    expect(weakened(settings(['email'], ['KR', 'JP']), settings(['email'], ['JP']))).toEqual([]);
    expect(weakened(settings(['email'], ['KR']), settings(['email'], ['JP']))).toEqual(['#/homeCountries']);
  });
});

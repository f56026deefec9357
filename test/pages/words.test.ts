import { describe, expect, it } from 'vitest';
import type { HistoryItem } from '../../lambdas/contracts/answers.ts';
import { findCountries } from '../../pages/player/countries.ts';
import { deviceName } from '../../pages/player/device.ts';
import { joined } from '../../pages/player/history-list.ts';
import { en } from '../../pages/player/words/en.ts';
import { ko } from '../../pages/player/words/ko.ts';
import { startingLocale } from '../../pages/shared/locale.ts';
import { countryName, flagOf } from '../../pages/shared/place.ts';

/** What a function of the dictionary is tried with, where it takes no name and no number. */
const samples: Readonly<Record<string, readonly unknown[]>> = { '.action': ['email', 'done'] };

/** Every text of a dictionary, by its path; functions with a sample. */
function textsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String((value as (...samples: unknown[]) => unknown)(...(samples[path] ?? ['1', '2', '3'])))]];
  return Object.entries(value as object).flatMap(([name, each]) => textsOf(each, `${path}.${name}`));
}

describe('the words of the player’s page', () => {
  it('are there in both languages, each in its own', () => {
    expect(textsOf(ko).map(([path]) => path)).toEqual(textsOf(en).map(([path]) => path));
    for (const [path, text] of textsOf(en)) expect(text, path).toMatch(/^[^\p{Script=Hangul}]+$/u);
    const same = textsOf(ko).filter(([, text]) => !/\p{Script=Hangul}/u.test(text));
    expect(same).toEqual([]);
  });

  it('begin in the language that was chosen, or else that of the browser', () => {
    const none = { getItem: () => null };
    expect(startingLocale(none, ['fr-FR', 'ko-KR', 'en'])).toBe('ko');
    expect(startingLocale(none, ['fr-FR'])).toBe('en');
    expect(startingLocale({ getItem: () => 'en' }, ['ko'])).toBe('en');
  });

  it('name a country, and find it by its name in either language, or by its code', () => {
    expect([flagOf('KR'), countryName('KR', 'ko'), countryName('KR', 'en'), countryName('ZZ', 'en')]).toEqual(['🇰🇷', '대한민국', 'South Korea', 'Unknown Region']);
    expect(findCountries('일본', 'ko', [], 6)).toEqual(['JP']);
    expect(findCountries('japan', 'ko', [], 6)).toEqual(['JP']);
    expect(findCountries('jp', 'en', [], 6)).toEqual(['JP']);
    expect(findCountries('cote d', 'en', [], 6)).toEqual(['CI']);
    expect(findCountries('japan', 'en', ['JP'], 6)).toEqual([]);
    expect(findCountries('  ', 'en', [], 6)).toEqual([]);
    expect(findCountries('united', 'en', [], 2)).toEqual(['AE', 'GB']);
  });

  it('name a device in two words, and a strange one as it calls itself', () => {
    expect(deviceName('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36')).toBe('Chrome · Windows');
    expect(deviceName('Game/5.2 (Android 16)')).toBe('Game · Android');
    expect(deviceName('<b>nice</b>')).toBe('<b>nice<');
    expect(deviceName('(((')).toBe('(((');
  });
});

describe('the history when it is read anew', () => {
  const items = (...ids: string[]) => ids.map((id) => ({ id }) as HistoryItem);

  it('keeps what was read earlier when the new page touches it, and begins anew when logins may be missing in between', () => {
    expect(joined(items('4', '3'), items('3', '2', '1'))).toEqual({ items: items('4', '3', '2', '1'), touches: true });
    expect(joined(items('9', '8'), items('3', '2'))).toEqual({ items: items('9', '8'), touches: false });
    expect(joined(items('1'), [])).toEqual({ items: items('1'), touches: false });
  });
});

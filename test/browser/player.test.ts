import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from '../../lambdas/account-security/receipt.ts';
import { words } from '../../pages/player/words/words.ts';
import { addresses } from '../chain/suite.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { launchBrowser } from './support/browser.ts';
import { type Player, playerOf, signIn } from './support/players.ts';
import { expectAccessible, expectNoSideScroll, visit, type VisitOptions } from './support/visit.ts';

let chain: LocalChain;
let browser: Browser;
beforeAll(async () => {
  [chain, browser] = await Promise.all([startLocalChain(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await chain.remove();
  expect(chain.reports).toEqual([]);
});

const open = (options: Omit<VisitOptions, 'url'> = {}) => visit(browser, { url: chain.local.url, ...options });
/** What the browser says on its console of an answer 4xx that a test provokes. */
const refused = (status: number) => new RegExp(`status of ${status}`);
const rows = (page: Page) => page.locator('.logins:not([aria-hidden]) > .login');
const newest = (page: Page) => rows(page).first();
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const view = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
/** Announces a trip to Japan that begins today. */
async function announceTrip(page: Page, { trips, countries }: (typeof words)['ko'], japan: string): Promise<void> {
  await view(page, trips.title);
  await page.getByLabel(countries.search).fill(japan);
  await button(page, countries.add(japan)).click();
  await button(page, trips.add).click();
}
/** Has a code sent to the dialog or banner that asks for one, and answers it. */
async function answerCode(page: Page, player: Player, { code }: (typeof words)['ko'], channel: 'email' | 'sms' = 'email'): Promise<void> {
  await page.getByRole('radio', { name: code.channels[channel] }).check();
  const asked = page.waitForResponse(/\/v1\/me\/challenges$/);
  await button(page, code.send).click();
  await asked;
  await page.getByLabel(code.label, { exact: true }).fill(await player.code());
  await button(page, code.verify).click();
}

describe.each([
  { locale: 'ko', browserLocale: 'ko-KR', japan: '일본', colorScheme: 'light', width: 1280 },
  { locale: 'en', browserLocale: 'en-GB', japan: 'Japan', colorScheme: 'dark', width: 320 },
] as const)('a player’s story in $locale, $colorScheme, at $width px', ({ locale, browserLocale, japan, colorScheme, width }) => {
  const text = words[locale];

  it('login abroad, message, history, “not me”, locked, denied, code, unlocked, trip, and the next login from there is quiet', async () => {
    const player = await playerOf(chain, `story-${locale}`, locale);
    await player.logs(addresses.KR, 30);
    await player.logs(addresses.JP, 3, { outcome: 'failure' });
    const abroad = await player.logs(addresses.US);
    expect(await player.messages()).toMatchObject([{ channel: 'email', country: 'US', triggers: ['login_abroad', 'new_country'] }]);
    const { page, end } = await open({ locale: browserLocale, colorScheme, width });
    const look = async (state: string): Promise<void> => {
      await expectAccessible(page, state);
      await expectNoSideScroll(page, state);
    };

    await page.goto('/');
    await page.getByRole('heading', { name: text.signIn.welcome }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe(locale);
    await look('signed out');
    await signIn(page, player.accountId);
    await newest(page).waitFor();
    expect(await rows(page).count()).toBe(3);
    for (const shown of [text.history.trigger.login_abroad, text.history.trigger.new_country, text.action('email', 'done'), addresses.US, 'Game · Windows']) {
      expect(await newest(page).textContent()).toContain(shown);
    }
    expect(await rows(page).nth(1).textContent()).toContain(text.history.outcome.failure);
    await look('history');

    await newest(page).getByRole('button', { expanded: false }).click();
    await page.getByRole('heading', { name: text.verdict.rules }).waitFor();
    await look('verdict');
    const download = page.waitForEvent('download');
    await button(page, text.verdict.save).click();
    const receipt = JSON.parse(await readFile(await (await download).path(), 'utf8'));
    expect([receipt.loginId, faultsOf(receipt)]).toEqual([abroad, []]);

    await newest(page).getByRole('button', { name: text.answer.notMe }).click();
    await page.getByRole('dialog').waitFor();
    await look('the question whether to lock');
    await button(page, text.answer.lock).click();
    await page.getByRole('heading', { name: text.locked.title }).waitFor();
    expect(await page.locator('.lock-banner').textContent()).toContain(text.locked.reason.disputed);
    await newest(page).getByText(text.action('lock', 'done')).waitFor();
    await look('locked');
    expect(await player.access(addresses.KR)).toEqual({ decision: 'deny', reasons: ['locked'] });
    await player.logs(addresses.US, 0, { outcome: 'denied' });
    await button(page, text.history.refresh).click();
    await newest(page).getByText(text.history.outcome.denied).waitFor();

    await answerCode(page, player, text);
    await page.getByRole('heading', { name: text.locked.unlocked }).waitFor();
    await look('unlocked');
    expect(await player.access(addresses.KR)).toEqual({ decision: 'allow', reasons: [] });

    await announceTrip(page, text, japan);
    await page.getByRole('list', { name: text.trips.list }).getByText(japan).waitFor();
    await look('trips');
    await chain.settled();
    const before = (await player.messages()).length;
    await player.logs(addresses.JP);
    expect((await player.messages()).length).toBe(before);
    await view(page, text.history.title);
    await button(page, text.history.refresh).click();
    await newest(page).getByText(japan).waitFor();
    expect(await newest(page).locator('.chip').count()).toBe(0);

    await view(page, text.trips.title);
    await button(page, text.trips.cancelOf(japan)).click();
    await page.getByText(text.trips.none).waitFor();
    await end();
  });

  it('a change of the settings that weakens them asks for a code, and is kept', async () => {
    const player = await playerOf(chain, `settings-${locale}`, locale);
    const { page, end } = await open({ locale: browserLocale, colorScheme, width, expected: [refused(403), refused(412)] });
    await signIn(page, player.accountId);
    await view(page, text.settings.title);
    const abroad = page.getByRole('group', { name: text.settings.trigger.login_abroad });
    await abroad.getByLabel(text.settings.response.kick).check();
    await expectAccessible(page, 'settings with a change');
    await button(page, text.settings.save).click();
    await page.locator('.notice', { hasText: text.settings.saved }).waitFor();

    await abroad.getByLabel(text.settings.response.email).uncheck();
    await page.getByLabel(text.countries.search).fill(japan);
    await page.getByLabel(text.countries.search).press('Enter');
    await expectNoSideScroll(page, 'settings');
    await button(page, text.settings.save).click();
    await page.getByRole('dialog', { name: text.stepUp.title }).waitFor();
    await expectAccessible(page, 'the question for a code');
    await expectNoSideScroll(page, 'the question for a code');
    await answerCode(page, player, text, 'sms');
    await page.locator('.notice', { hasText: text.settings.saved }).waitFor();
    const path = '/v1/me/security-settings';
    const { body } = await chain.api.asPlayer(player.accountId, path);
    expect(body).toMatchObject({ homeCountries: ['KR', 'JP'], responses: { login_abroad: ['kick'] } });

    // Somebody changes them in another place meanwhile.
    await chain.api.asPlayer(player.accountId, path, { method: 'PUT', body: { ...body, responses: { ...body.responses, login_abroad: ['kick', 'lock'] } } });
    await abroad.getByLabel(text.settings.response.sms).check();
    await button(page, text.settings.save).click();
    await page.getByRole('alert').getByText(text.settings.changedElsewhere).waitFor();
    expect(await abroad.getByLabel(text.settings.response.lock).isChecked()).toBe(true);
    await end();
  });
});

describe('the page, with what can go wrong', () => {
  const text = words.en;

  it('a player with a second factor announces a trip without a code', async () => {
    const player = await playerOf(chain, 'with-otp', 'en');
    const { page, end } = await open();
    await signIn(page, player.accountId, { method: 'otp' });
    await announceTrip(page, text, 'Japan');
    await page.getByRole('list', { name: text.trips.list }).getByText('Japan').waitFor();
    await end();
  });

  it('with the keyboard alone a player locks a stranger out and unlocks with a code', async () => {
    const player = await playerOf(chain, 'keyboard', 'en');
    await player.logs(addresses.US);
    const { page, end } = await open();
    const press = (...keys: string[]) => keys.reduce(async (before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
    const tabTo = async (label: string): Promise<void> => {
      for (let left = 30; left > 0 && (await focused()) !== label; left -= 1) await press('Tab');
      expect(await focused()).toBe(label);
    };
    await page.goto('/');
    await page.locator('.welcome button').waitFor();
    await press('Tab');
    expect(await focused()).toBe(text.skip);
    await press('Enter');
    await tabTo(text.signIn.button);
    await press('Enter');
    await page.getByLabel('Account').waitFor();
    await page.keyboard.type(player.accountId);
    await press('Enter');
    await newest(page).waitFor();
    await tabTo(text.answer.notMe);
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe(text.answer.notMe);
    await press('Enter');
    await tabTo(text.answer.lock);
    await press('Enter');
    await page.getByRole('heading', { name: text.locked.title }).waitFor();
    await page.locator('h1').focus();
    for (let left = 10; left > 0 && (await focused()) !== text.code.send; left -= 1) await press('Shift+Tab');
    await press('Enter');
    await page.getByLabel(text.code.label, { exact: true }).waitFor();
    await page.keyboard.type((await player.code()).toLowerCase());
    await press('Enter');
    await page.getByRole('heading', { name: text.locked.unlocked }).waitFor();
    await end();
  });

  it('shows the history page by page, and the unusual ones alone', async () => {
    const player = await playerOf(chain, 'pages', 'en');
    const minute = 1 / 60;
    const logins = Array.from({ length: 45 }, (_, index) => ({ accountId: 'pages', ip: addresses.KR, id: `${index}`, occurredAt: new Date(Date.now() - (60 + index * 50) * minute * 3_600_000).toISOString() }));
    await chain.api.signed('/v1/logins', { body: logins });
    await player.logs(addresses.private, 36);
    const { page, end } = await open();
    await signIn(page, player.accountId);
    await newest(page).waitFor();
    expect(await rows(page).count()).toBe(20);
    await page.getByRole('switch', { name: text.history.onlyUnusual }).check();
    await page.getByText(text.history.noneUnusual(20)).waitFor();
    await button(page, text.history.searchOlder).click();
    await page.getByText(text.history.noneUnusual(40)).waitFor();
    await button(page, text.history.searchOlder).click();
    await newest(page).getByText(text.history.unknownPlace).waitFor();
    await newest(page).getByRole('button', { name: text.answer.wasMe }).click();
    await newest(page).locator('.chip.good', { hasText: text.history.confirmed }).waitFor();
    await page.getByRole('switch', { name: text.history.onlyUnusual }).uncheck();
    expect(await rows(page).count()).toBe(46);
    expect(await page.locator('.day').count()).toBeGreaterThan(1);
    await end();
  });

  it('speaks the language that was chosen, also the next time', async () => {
    const { page, end } = await open();
    await page.goto('/');
    await button(page, '한국어').click();
    await page.getByRole('heading', { name: words.ko.signIn.welcome }).waitFor();
    expect(await page.title()).toContain(words.ko.title);
    await page.reload();
    await page.getByRole('heading', { name: words.ko.signIn.welcome }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
    await end();
  });

  it('says in words when signing in does not end well, and asks again when the token has expired', async () => {
    const { page, end } = await open();
    await page.goto('/');
    await page.locator('.welcome button').click();
    await button(page, 'Cancel').click();
    await page.getByRole('alert').getByText(text.signIn.failed.denied).waitFor();
    await page.goto('/?code=somebody&state=elses');
    await page.getByRole('alert').getByText(text.signIn.failed.state).waitFor();
    expect(new URL(page.url()).search).toBe('');
    await page.clock.install();
    await signIn(page, 'expiring');
    await page.getByText(text.history.none).waitFor();
    await page.clock.fastForward('01:00:01');
    await page.getByRole('alert').getByText(text.signIn.ended).waitFor();
    await expectAccessible(page, 'signed out by the clock');
    await signIn(page, 'expiring');
    await button(page, text.signIn.out).click();
    await page.getByRole('heading', { name: text.signIn.welcome }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    await end();
  });

  it('says so when a player is offline, when there is too much going on, and when the token is not taken', async () => {
    const { context, page, end } = await open({ expected: [/ERR_INTERNET_DISCONNECTED/, refused(429), refused(401), refused(503)] });
    await signIn(page, 'unlucky');
    await page.getByText(text.history.none).waitFor();
    await context.setOffline(true);
    await button(page, text.history.refresh).click();
    await page.getByRole('alert').getByText(text.trouble.offline).waitFor();
    await expectAccessible(page, 'offline');
    await context.setOffline(false);
    const answer = async (status: number, body: object, headers: Record<string, string> = {}): Promise<void> => {
      await page.route('**/v1/me/logins', (route) => route.fulfill({ status, body: JSON.stringify(body), headers }), { times: 1 });
      await button(page, text.history.refresh).click();
    };
    await answer(429, { message: 'Too Many Requests' });
    await page.getByRole('alert').getByText(text.trouble.throttled).waitFor();
    await answer(503, { type: 'https://loginward.dev/problems/bus-unavailable', title: '', status: 503 }, { 'content-type': 'application/problem+json', 'retry-after': '5' });
    await page.getByRole('alert').getByText(`${text.trouble['bus-unavailable']} ${text.retryAfter(5)}`).waitFor();
    await answer(401, { message: 'Unauthorized' });
    await page.getByRole('alert').getByText(text.signIn.ended).waitFor();
    await end();
  });
});

import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGeoDatabase } from '../../lambdas/runtime/geo/geo-database.ts';
import { type SampleDay, sampleDay } from '../../local/sample/day.ts';
import { addresses } from '../chain/suite.ts';
import { type CatalogFolders, catalogFolders } from '../support/catalog.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { launchBrowser } from './support/browser.ts';
import { expectAccessible, expectNoSideScroll, type Visit, visit, type VisitOptions } from './support/visit.ts';

const deadLetterQueue = 'loginward-local-notifier-dead-letters';
const deadLetterAlarm = 'loginward-local-notifier-dead-letters';
/** Nobody listens there: it is the port of `discard`. */
const dead = { name: 'dead-end', owner: 'nobody', eventTypes: ['loginward.login.recorded.v1'], endpoint: 'http://127.0.0.1:9/in', mode: 'one-way' };

let chain: LocalChain;
let folders: CatalogFolders;
let browser: Browser;
let day: SampleDay;

beforeAll(async () => {
  folders = await catalogFolders({ 'dead-end': dead });
  // An alarm looks at whole minutes: these last four seconds.
  [chain, browser] = await Promise.all([startLocalChain({ subscriptions: folders.subscriptions, minuteMilliseconds: 4000 }), launchBrowser()]);
  const geoDatabase = await openGeoDatabase(chain.local.geoDatabaseFile, 'sample');
  day = sampleDay((address) => geoDatabase.countryOf(address), 'KR', new Date());
});
afterAll(async () => {
  await browser.close();
  await chain.remove();
  await folders.remove();
  expect(chain.reports).toEqual([]);
});

/** Opens the console, and waits until it shows something. */
async function open(options: Omit<VisitOptions, 'url'> = {}): Promise<Visit> {
  const visitor = await visit(browser, { url: chain.local.url, width: 1440, ...options });
  await visitor.page.goto('/console');
  await visitor.page.locator('.stage').first().waitFor();
  await visitor.page.locator('.widget').first().waitFor();
  return visitor;
}

/** Posts logins of the sample day. */
async function post(from: number, to: number): Promise<void> {
  const { status } = await chain.api.signed('/v1/logins', { body: day.logins.slice(from, to) });
  expect(status).toBe(202);
}

const hop = (page: Page, event: string): Locator => page.locator('.hop .event', { hasText: event }).locator('.number');
const numberIn = async (locator: Locator): Promise<number> => Number((await locator.textContent())?.replaceAll(',', ''));
const chart = (page: Page, title: string): Locator => page.getByRole('img', { name: title });
/** What is made once and then only changed. */
const lasting = 'canvas, .stage, .widget, .hop, section';
const patient = { timeout: 60_000, interval: 100 };

describe('the console during load', () => {
  it('shows what passes, what waits, what is wrong, and what became of logins, without a reload and without a flicker', async () => {
    const { page, end } = await open();
    await post(0, 100);
    await expect.poll(() => numberIn(hop(page, 'login.recorded')), patient).toBeGreaterThan(0);
    await expect.poll(() => chart(page, 'Verdicts by trigger').getAttribute('aria-label'), patient).toContain('login_abroad: ');
    // Whatever is drawn now is to stay the same elements, however much more comes.
    await page.evaluate((lasting) => {
      for (const [index, element] of document.querySelectorAll(lasting).entries()) Object.assign(element, { seenAs: index });
      new MutationObserver((changes) => {
        const removed = changes.flatMap(({ removedNodes }) => [...removedNodes]).filter((node) => node instanceof Element && (node.matches(lasting) || node.querySelector(lasting)));
        Object.assign(window, { removedCount: ((window as { removedCount?: number }).removedCount ?? 0) + removed.length });
      }).observe(document.body, { childList: true, subtree: true });
    }, lasting);
    const [before, summary] = [await numberIn(hop(page, 'login.submitted')), await chart(page, 'Verdicts by trigger').getAttribute('aria-label')];

    chain.local.send(deadLetterQueue, '{}');
    for (let start = 100; start < 500; start += 100) await post(start, start + 100);
    await expect.poll(() => numberIn(hop(page, 'login.submitted')), patient).toBe(before + 400);
    await expect.poll(() => chart(page, 'Verdicts by trigger').getAttribute('aria-label'), patient).not.toBe(summary);

    const backlog = (consumer: string) => page.locator('#queues tbody tr', { hasText: consumer });
    await expect.poll(() => backlog('notifier').locator('[data-title="Dead letters"]').textContent(), patient).toBe('1');
    await expect.poll(() => backlog('dead-end').textContent(), patient).toContain('breaker open');
    await expect.poll(() => page.locator('.overall').textContent(), patient).toContain('notifier-dead-letters');
    await page.getByRole('heading', { name: deadLetterAlarm }).waitFor();
    expect(await page.locator('#alarm-changes').textContent()).toContain(`Alarm ${deadLetterAlarm}: Players get no SMS and no e-mail`);
    expect(await page.locator('.stage', { hasText: 'notifier' }).textContent()).toContain('dead letters');
    await chain.api.signed('/v1/logins', { body: { accountId: 'console-ann', ip: addresses.US } });
    const login = page.locator('#logins tbody tr', { hasText: 'console-ann' });
    await expect.poll(() => login.textContent(), patient).toMatch(/United Statessuccess.*login abroad.*email: /);

    const kept = await page.evaluate(
      (lasting) => ({
        removed: (window as { removedCount?: number }).removedCount ?? 0,
        isSame: [...document.querySelectorAll(lasting)].every((element, index) => (element as { seenAs?: number }).seenAs === index),
      }),
      lasting,
    );
    expect(kept).toEqual({ removed: 0, isSame: true });
    await end();
  });

  it('shows no address of a player', async () => {
    const { page, end } = await open();
    await page.locator('#logins tbody tr').first().waitFor();
    await page.getByRole('button', { name: 'Show all 50' }).click();
    const [shown, state] = [await page.locator('body').textContent(), JSON.stringify((await chain.api.plain('/local/console/state')).body)];
    for (const { ip } of day.logins.slice(0, 500)) {
      expect(shown).not.toContain(ip);
      expect(state).not.toContain(ip);
    }
    await end();
  });

  it.each([
    { colorScheme: 'light', width: 1440, dashboards: 'all' },
    { colorScheme: 'dark', width: 1440, dashboards: 'one' },
    { colorScheme: 'dark', width: 900, dashboards: 'one' },
    { colorScheme: 'light', width: 320, dashboards: 'one' },
    { colorScheme: 'dark', width: 320, dashboards: 'one' },
  ] as const)('is accessible in $colorScheme at $width px with everything unfolded, on $dashboards of the dashboards', async ({ colorScheme, width, dashboards }) => {
    // Around midnight there are two days on the page, and the older one is told.
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    expect((await chain.api.signed('/v1/logins', { body: { accountId: 'late', ip: '8.8.8.8', occurredAt: yesterday } })).status).toBe(202);
    const { page, end } = await open({ colorScheme, width });
    for (const summary of await page.locator('summary').all()) await summary.click();
    await page.getByRole('button', { name: /^Show all/ }).click();
    await page.locator('#logins time', { hasText: /^\d+\s\w+, / }).first().waitFor();
    const { items } = (await chain.api.plain('/local/console/dashboards')).body as { items: string[] };
    for (const name of dashboards === 'all' ? items : items.slice(0, 1)) {
      await page.getByRole('combobox', { name: 'Dashboard' }).selectOption(name);
      await page.getByRole('group', { name }).waitFor();
      const { widgets } = (await chain.api.plain(`/local/console/dashboards/${name}`)).body as { widgets: unknown[] };
      expect(await page.locator('.widget').count(), name).toBe(widgets.length);
      await expectAccessible(page, name);
      await expectNoSideScroll(page, name);
    }
    await end();
  });
});

describe('the console by keyboard', () => {
  it('reaches everything that can be operated, in one round', async () => {
    const { page, end } = await open();
    const operable = 'a[href], button:not([disabled]), select, input, summary, [tabindex="0"]';
    await page.evaluate((selector) => {
      const seen = [...document.querySelectorAll<HTMLElement>(selector)].filter((element) => element.checkVisibility());
      Object.assign(window, { unreached: new Set(seen) });
      document.addEventListener('focusin', ({ target }) => (window as unknown as { unreached: Set<EventTarget | null> }).unreached.delete(target));
    }, operable);
    const unreached = (): Promise<string[]> =>
      page.evaluate(() => [...(window as unknown as { unreached: Set<Element> }).unreached].filter((element) => element.isConnected).map((element) => element.outerHTML.slice(0, 200)));
    const most = await page.locator(operable).count();
    for (let presses = 0; presses < most + 5; presses += 1) await page.keyboard.press('Tab');
    expect(await unreached()).toEqual([]);
    await end();
  });

  it('chooses the time, shows a chart as a table, reads values by the arrow keys', async () => {
    const { page, end } = await open();
    const range = page.getByRole('group', { name: 'Time range' }).getByRole('button', { name: '1 day' });
    await range.press('Enter');
    await expect.poll(() => range.getAttribute('aria-pressed')).toBe('true');
    await expect.poll(() => page.getByRole('group', { name: /last day/ }).count()).toBe(1);
    expect(new URL(page.url()).hash).toContain('minutes=1440');

    await range.press('Tab');
    const verdicts = chart(page, 'Verdicts by trigger');
    await verdicts.focus();
    await verdicts.press('ArrowLeft');
    await page.locator('.tooltip').waitFor();
    await verdicts.press('Escape');
    await expect.poll(() => page.locator('.tooltip').count()).toBe(0);

    const asTable = page.getByRole('button', { name: 'Show Verdicts by trigger as table' });
    await asTable.press('Enter');
    const table = page.getByRole('region', { name: 'Verdicts by trigger, as a table' });
    await table.waitFor();
    expect(await table.locator('thead').textContent()).toContain('login_abroad');
    expect(await table.locator('tbody td').allTextContents()).toContainEqual(expect.stringMatching(/^\d+$/));
    await asTable.press('Enter');
    await verdicts.waitFor();
    await end();
  });

  it('opens what the runbook says of an alarm, and comes back to where one was', async () => {
    const { page, end } = await open();
    const whatToDo = page.getByRole('button', { name: `What to do about ${deadLetterAlarm}` });
    await whatToDo.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Dead letters' });
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain('npm run dlq');
    await expectAccessible(page, 'the runbook');
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.count()).toBe(0);
    expect(await whatToDo.evaluate((element) => element === document.activeElement)).toBe(true);
    await end();
  });
});

import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startLocal } from '../../local/run.ts';
import { replaySample } from '../../local/sample/replay.ts';
import type { PhotographParts } from './console.ts';

/** One picture: who looks at what, and how. */
interface Picture {
  readonly name: string;
  /** Language of the browser. */
  readonly locale: 'ko-KR' | 'en-GB';
  readonly colorScheme: 'light' | 'dark';
  /** Of the window, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Brings the page to what is to be seen. */
  readonly show: (page: Page) => Promise<void>;
}

/** A player of the sample day somebody abroad got in for. */
const player = 'player-143';

async function showHistory(page: Page): Promise<void> {
  await page.goto('/');
  await page.locator('.welcome button').click();
  await page.locator('input[name=account]').fill(player);
  await page.locator('button[type=submit]').first().click();
  await page.locator('.logins:not([aria-hidden]) .login').first().waitFor();
}

async function showVerdict(page: Page): Promise<void> {
  await showHistory(page);
  await page.locator('.login.unusual .disclose').first().click();
  await page.locator('.rules').waitFor();
  await page.locator('.verdict').evaluate((verdict) => verdict.closest('.login')?.scrollIntoView());
}

async function showSettings(page: Page): Promise<void> {
  await showHistory(page);
  await page.locator('a[href="#protection"]').click();
  await page.locator('.country-picker').waitFor();
}

const desktop = { width: 900, height: 700 } as const;

const pictures: readonly Picture[] = [
  { name: 'player.png', locale: 'en-GB', colorScheme: 'light', ...desktop, show: showHistory },
  { name: 'player-ko.png', locale: 'ko-KR', colorScheme: 'light', ...desktop, show: showHistory },
  { name: 'player-verdict.png', locale: 'en-GB', colorScheme: 'dark', width: 480, height: 1150, show: showVerdict },
  { name: 'player-protection.png', locale: 'en-GB', colorScheme: 'light', ...desktop, show: showSettings },
];

/** The player's page after the sample day. */
export async function photographPlayer({ browser, images, data }: PhotographParts): Promise<void> {
  const local = await startLocal({ port: 0, data: join(data, 'player') });
  try {
    await replaySample(local, 'KR', () => undefined);
    for (const picture of pictures) await take(browser, local.url, images, picture);
  } finally {
    await local.close();
  }
}

async function take(browser: Browser, url: string, images: string, { name, locale, colorScheme, width, height, show }: Picture): Promise<void> {
  const context = await browser.newContext({ baseURL: url, locale, colorScheme, timezoneId: 'Asia/Seoul', viewport: { width, height }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await show(page);
  await page.screenshot({ path: join(images, name) });
  await context.close();
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';

export interface VisitOptions {
  /** Origin of the local run. */
  readonly url: string;
  /** Language of the browser: `ko-KR`. */
  readonly locale?: string;
  readonly timeZone?: string;
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** What a test provokes may be said on the console: the browser reports each 4xx there. */
  readonly expected?: readonly RegExp[];
}

/** Somebody with a browser of their own, and what went wrong in it. */
export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors and warnings of the console, and what was thrown. */
  readonly errors: readonly string[];
  /** Addresses of other hosts that were asked for; none is answered. */
  readonly elsewhere: readonly string[];
  /** Fails when something went wrong, or another host was asked for; then ends the visit. */
  end(): Promise<void>;
}

/** Opens a page that reaches the local run alone. */
export async function visit(browser: Browser, options: VisitOptions): Promise<Visit> {
  const { url, locale = 'en-GB', timeZone = 'Asia/Seoul', width = 1280, height = 900, colorScheme = 'light', expected = [] } = options;
  const context = await browser.newContext({ baseURL: url, locale, timezoneId: timeZone, viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
  const errors: string[] = [];
  const elsewhere: string[] = [];
  const note = (error: string): void => {
    if (!expected.some((pattern) => pattern.test(error))) errors.push(error);
  };
  await context.route(
    (asked) => asked.origin !== url && asked.protocol !== 'blob:' && asked.protocol !== 'data:',
    (route) => {
      elsewhere.push(route.request().url());
      return route.abort();
    },
  );
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') note(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => note(String(error)));
  return {
    context,
    page,
    errors,
    elsewhere,
    end: async () => {
      await context.close();
      expect({ errors, elsewhere }).toEqual({ errors: [], elsewhere: [] });
    },
  };
}

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Fails when axe-core finds something on the page as it is now. @param state what the page shows, for the message */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  await page.evaluate(`window.axe ?? (() => { ${axe} })()`);
  const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResults;
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`);
  expect(found, state).toEqual([]);
}

/** Fails when the page is wider than its window. */
export async function expectNoSideScroll(page: Page, state: string): Promise<void> {
  const { content, window } = await page.evaluate(() => ({ content: document.documentElement.scrollWidth, window: document.documentElement.clientWidth }));
  expect(content, state).toBeLessThanOrEqual(window);
}

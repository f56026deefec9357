import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import type { Browser } from 'playwright-core';
import type { LoginBody } from '../../lambdas/contracts/http.ts';
import { openGeoDatabase } from '../../lambdas/runtime/geo/geo-database.ts';
import { region } from '../../local/cloudformation.ts';
import { localCredentials } from '../../local/credentials.ts';
import { type LocalRun, startLocal } from '../../local/run.ts';
import { sampleDay } from '../../local/sample/day.ts';
import { replaySample } from '../../local/sample/replay.ts';

export interface PhotographParts {
  readonly browser: Browser;
  /** Folder of the pictures. */
  readonly images: string;
  /** Folder for the state of local runs. */
  readonly data: string;
}

/** A minute of CloudWatch on the pictures, in milliseconds, so that a quarter of an hour is drawn after little more than one. */
const minuteMilliseconds = 6000;
const waves = 22;
/** What the pictures show: the live part, and the charts of the overview; each from one element to another. */
const pictures = [
  { name: 'console.png', colorScheme: 'light', from: 'header', until: '#dashboards' },
  { name: 'console-dark.png', colorScheme: 'dark', from: '#dashboards', until: 'h3:text-is("What waits")' },
] as const;
/** Above an element, in pixels. */
const margin = 14;
/** An endpoint that nobody answers at: the port of `discard`. */
const deadEnd = { name: 'match-history', owner: 'match team', eventTypes: ['loginward.login.recorded.v1'], endpoint: 'http://127.0.0.1:9/in', mode: 'one-way' };

/** The console under load, in light and dark: with an endpoint that is down, and a dead letter. */
export async function photographConsole({ browser, images, data }: PhotographParts): Promise<void> {
  const subscriptions = join(data, 'subscriptions');
  await mkdir(subscriptions, { recursive: true });
  await writeFile(join(subscriptions, `${deadEnd.name}.json`), JSON.stringify(deadEnd));
  const local = await startLocal({ port: 0, data: join(data, 'console'), subscriptions: [subscriptions], minuteMilliseconds });
  try {
    await replaySample(local, 'KR', () => undefined);
    local.send('loginward-local-notifier-dead-letters', '{}');
    await loadInWaves(local);
    for (const picture of pictures) {
      const page = await browser.newPage({ colorScheme: picture.colorScheme, viewport: { width: 1440, height: 1000 }, timezoneId: 'Asia/Seoul' });
      await page.goto(`${local.url}/console#minutes=15`);
      await page.locator('.plot canvas').first().waitFor();
      await post(local, moreLogins(await sample(local), waves));
      await delay(2 * minuteMilliseconds);
      const topOf = async (selector: string): Promise<number> => (await page.locator(selector).first().boundingBox())?.y ?? 0;
      const [from, until] = [await topOf(picture.from), await topOf(picture.until)];
      await page.screenshot({ path: join(images, picture.name), fullPage: true, clip: { x: 0, y: Math.max(0, from - margin), width: 1440, height: until - from } });
      await page.close();
    }
  } finally {
    await local.close();
  }
}

/** The logins of the sample day, a part at a time, more and then fewer, as new logins of now. */
async function loadInWaves(local: LocalRun): Promise<void> {
  const logins = await sample(local);
  for (let wave = 0; wave < waves; wave += 1) {
    await post(local, moreLogins(logins, wave));
    await delay(minuteMilliseconds * 0.7);
  }
}

async function sample({ geoDatabaseFile }: LocalRun): Promise<readonly LoginBody[]> {
  const geoDatabase = await openGeoDatabase(geoDatabaseFile, 'screenshots');
  return sampleDay((address) => geoDatabase.countryOf(address), 'KR', new Date()).logins;
}

function moreLogins(logins: readonly LoginBody[], wave: number): LoginBody[] {
  const size = Math.round(50 + 40 * Math.sin(wave / 3));
  return Array.from({ length: size }, (_, index) => ({ ...logins[(wave * 97 + index * 13) % logins.length] as LoginBody, id: `wave-${wave}-${index}`, occurredAt: new Date(Date.now() - index * 200).toISOString() }));
}

async function post({ url }: LocalRun, logins: readonly LoginBody[]): Promise<void> {
  const aws = new AwsClient({ ...localCredentials, region, service: 'execute-api' });
  const response = await aws.fetch(`${url}/v1/logins`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(logins) });
  if (response.status !== 202) throw new Error(`The logins were answered ${response.status}.`);
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { photographConsole } from './screenshots/console.ts';
import { photographPlayer } from './screenshots/player.ts';
import { launchBrowser } from '../test/browser/support/browser.ts';

/** `npm run screenshots`: takes the pictures of `docs/images/` anew, each of a local run with made-up players. */
const images = join(import.meta.dirname, '..', 'docs', 'images');
const data = await mkdtemp(join(tmpdir(), 'loginward-screenshots-'));
const browser = await launchBrowser();
try {
  for (const photograph of [photographPlayer, photographConsole]) await photograph({ browser, images, data });
} finally {
  await browser.close();
  await rm(data, { recursive: true, force: true });
}

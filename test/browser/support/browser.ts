import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian puts Chromium; `CHROMIUM` names another one. */
const debians = '/usr/bin/chromium';

/**
 * What keeps Chromium to the pages under test: no service of its maker's is called, and nothing is updated. Root, as in a container, cannot have the
 * sandbox.
 */
const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** Starts the system's Chromium, headless. @throws when there is none, and says how to get one */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? debians;
  if (!existsSync(executablePath)) {
    throw new Error(`There is no Chromium at ${executablePath}. Install it (apt-get install chromium), or name one by the environment variable CHROMIUM.`);
  }
  return chromium.launch({ executablePath, args: flags });
}

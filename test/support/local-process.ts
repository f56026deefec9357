import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '..', '..');

/** Starts the local run as a process of its own, as `npm start` would, and waits until it is ready. */
export async function startProcess(...args: string[]): Promise<{ process: ChildProcess; url: string }> {
  const run = spawn(process.execPath, ['bin/local.ts', '--port', '0', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: run.stdout })) {
    const url = /^Loginward is ready at (\S+)$/.exec(line)?.[1];
    if (url !== undefined) {
      run.stdout.resume();
      return { process: run, url };
    }
  }
  throw new Error('The local run ended before it was ready.');
}

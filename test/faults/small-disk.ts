import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** A disk that is soon full, in a mount namespace of its own: it is gone when the test is, however that ends. */
export interface SmallDisk {
  /** Its folder, for those inside. */
  readonly folder: string;
  /** Starts Node inside, in the project's folder. */
  node(...args: string[]): ChildProcess;
  /** Takes all space that is left. */
  fill(): void;
  /** Gives that space back. */
  free(): void;
  remove(): Promise<void>;
}

/** How to get a namespace, and how others get into it: as root, or by a user namespace, in which everybody is root. */
const ways = [
  { unshare: ['-m'], enter: ['-m'] },
  { unshare: ['-r', '-m'], enter: ['-U', '-m', '--preserve-credentials'] },
];

/** @throws when this machine lets nobody mount a file system here */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'loginward-small-disk-'));
  const said: string[] = [];
  for (const { unshare, enter } of ways) {
    // Whoever holds the namespace ends when its input does.
    const script = `mount -t tmpfs -o size=${mebibytes}m tmpfs "$0" && echo mounted && exec cat`;
    const holder = spawn('unshare', [...unshare, 'sh', '-c', script, folder], { stdio: ['pipe', 'pipe', 'pipe'] });
    holder.stderr.on('data', (text: Buffer) => said.push(text.toString().trim()));
    const [mounted] = (await Promise.race([once(holder.stdout, 'data'), once(holder, 'close'), once(holder, 'error')])) as [unknown];
    if (String(mounted).trim() === 'mounted') return diskIn(folder, holder, enter);
    said.push(String(mounted));
  }
  rmdirSync(folder);
  throw new Error(
    `This test needs a small file system, and neither root nor a user namespace could mount one (${said.join('; ')}). Run it as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, and on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0).`,
  );
}

function diskIn(folder: string, holder: ChildProcess, enter: readonly string[]): SmallDisk {
  // The same folder as others see it who are outside.
  const filler = join(`/proc/${holder.pid}/root`, folder, 'filler');
  return {
    folder,
    node: (...args) =>
      spawn('nsenter', ['-t', String(holder.pid), ...enter, 'sh', '-c', 'cd "$0" && exec "$@"', root, process.execPath, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }),
    fill: () => {
      const file = openSync(filler, 'a');
      for (const bytes of [1024 * 1024, 4096, 1]) {
        try {
          for (;;) writeSync(file, Buffer.alloc(bytes));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
      closeSync(file);
    },
    free: () => rmSync(filler, { force: true }),
    remove: async () => {
      holder.stdin?.end();
      if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit');
      rmdirSync(folder);
    },
  };
}

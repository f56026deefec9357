import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startProcess } from '../test/support/local-process.ts';

/** A local run in a process of its own, whose CPU and memory are its own, too. */
export interface LocalProcess {
  readonly url: string;
  /** CPU that it and the processes of its functions have taken, in seconds. */
  cpuSeconds(): CpuSeconds;
  /** Measures its memory from now on, and gives the peaks when that is ended. */
  watchMemory(): () => Memory;
  /** Resolves once everything that was posted went all its way. */
  whenIdle(): Promise<void>;
  /** Stops it, and removes its state. */
  end(): Promise<void>;
}

export interface CpuSeconds {
  /** Of the local run itself: HTTP, queues, tables, metrics. */
  readonly own: number;
  /** Of all functions. */
  readonly functions: number;
}

/**
 * Peaks of memory that is of a process alone (`RssAnon`), in MiB. What it has mapped of files is left out: that is the kernel's cache, which gives way when
 * somebody needs the room.
 */
export interface Memory {
  readonly own: number;
  readonly all: number;
}

/** How often memory is looked at, in milliseconds. */
const memoryMilliseconds = 200;
/** Linux counts CPU in hundredths of a second. */
const ticksPerSecond = 100;

/** Starts `bin/local.ts` on a free port and a folder of its own. Linux only: it reads `/proc`. */
export async function startLocalProcess(): Promise<LocalProcess> {
  const data = await mkdtemp(join(tmpdir(), 'loginward-bench-'));
  const { process: run, url } = await startProcess('--data', data);
  // Whoever ends early takes it along.
  process.once('exit', () => run.kill('SIGTERM'));
  const pid = run.pid ?? 0;
  return {
    url,
    cpuSeconds: () => {
      const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = ticksOf(pid);
      const functions = childrenOf(pid).reduce((sum, child) => sum + ticksOf(child).slice(0, 2).reduce((a, b) => a + b, 0), childrenUser + childrenSystem);
      return { own: (user + system) / ticksPerSecond, functions: functions / ticksPerSecond };
    },
    watchMemory: () => {
      const peaks = { own: 0, all: 0 };
      const look = (): void => {
        const own = anonymousMiB(pid);
        const all = childrenOf(pid).reduce((sum, child) => sum + anonymousMiB(child), own);
        peaks.own = Math.max(peaks.own, own);
        peaks.all = Math.max(peaks.all, all);
      };
      look();
      const timer = setInterval(look, memoryMilliseconds);
      return () => {
        clearInterval(timer);
        look();
        return peaks;
      };
    },
    whenIdle: async () => {
      while ((await fetch(`${url}/local/idle`)).status !== 200) await delay(50);
    },
    end: async () => {
      run.kill('SIGTERM');
      if (run.exitCode === null && run.signalCode === null) await once(run, 'exit');
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** A file of a process; nothing once it is gone. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** CPU in ticks: user, system, and both of those children that have ended (proc(5), fields 14 to 17). */
const ticksOf = (pid: number): number[] => read(pid, 'stat').split(') ')[1]?.split(' ').slice(11, 15).map(Number) ?? [];

const anonymousMiB = (pid: number): number => Number(/^RssAnon:\s+(\d+) kB$/m.exec(read(pid, 'status'))?.[1] ?? 0) / 1024;

const childrenOf = (pid: number): number[] => readdirSync(`/proc/${pid}/task`).flatMap((thread) => read(pid, `task/${thread}/children`).trim().split(' ')).filter((text) => text !== '').map(Number);

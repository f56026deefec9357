import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

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

/** Starts `bin/local.ts` on a free port and a folder of its own. Linux only: it reads `/proc`. @param more options of Node, such as `--cpu-prof` */
export async function startLocalProcess(more: readonly string[] = []): Promise<LocalProcess> {
  const data = await mkdtemp(join(tmpdir(), 'loginward-bench-'));
  const run = spawn(process.execPath, [...more, join(import.meta.dirname, '../bin/local.ts'), '--port', '0', '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] });
  // Whoever ends early takes it along.
  process.once('exit', () => run.kill('SIGTERM'));
  const url = await readyAt(run);
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

async function readyAt(run: ChildProcess): Promise<string> {
  if (!run.stdout) throw new Error('The local run has no output.');
  for await (const line of createInterface({ input: run.stdout })) {
    const url = /^Loginward is ready at (\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    run.stdout.resume();
    return url;
  }
  throw new Error('The local run ended before it was ready.');
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

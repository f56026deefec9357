import { spawnSync } from 'node:child_process';

/** What a run of npm gave: what it printed, its complaints, and its exit code. */
export interface NpmRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** Runs the npm that runs this, or else the one on the path. */
export function npm(args: readonly string[], cwd: string): NpmRun {
  const path = process.env.npm_execpath;
  const options = { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const;
  return path?.endsWith('.js') ? spawnSync(process.execPath, [path, ...args], options) : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

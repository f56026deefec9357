import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './engines.ts';

/** The sample game server in Python, as a process of its own. */
export interface PythonGame {
  readonly url: string;
  /** The lines that it printed. */
  said(): readonly string[];
  stop(): void;
}

/** Starts it on a free port. */
export async function startPythonGame(secret: string): Promise<PythonGame> {
  const child = spawn('python3', [join(root, 'samples', 'game_server.py')], {
    env: { ...process.env, SECRET: secret, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const port = await new Promise<string>((resolve, reject) => {
    child.on('exit', () => reject(new Error('The sample in Python ended before it listened.')));
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const listening = /port (\d+)$/.exec(line)?.[1];
      if (listening !== undefined) resolve(listening);
    });
  });
  return { url: `http://127.0.0.1:${port}/`, said: () => lines, stop: () => child.kill() };
}

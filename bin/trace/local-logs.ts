import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Line, lineIn, type Logs } from './lines.ts';

/**
 * The logs of a local run: a file for each function, and beside it the one before.
 *
 * @param data its folder, as its option `--data`
 * @throws when no local run has logged there
 */
export function localLogs(data: string, since: Date): Logs {
  const folder = join(data, 'logs');
  if (!existsSync(folder)) throw new Error(`There are no logs in ${folder}. Name the folder of the local run's state: --local DIR.`);
  return {
    find: async (field, values) => {
      const found: Line[] = [];
      for (const file of readdirSync(folder).filter((name) => /\.log(\.1)?$/.test(name))) {
        // Not by node:readline, which would cut a line in two where U+2028 stands in a text. A file is of 10 MiB.
        for (const text of (await readFile(join(folder, file), 'utf8')).split('\n')) {
          const line = values.some((value) => text.includes(value)) ? lineIn(text) : undefined;
          if (line && values.includes(line[field] ?? '') && Date.parse(line.timestamp) >= since.getTime()) found.push(line);
        }
      }
      return found;
    },
  };
}

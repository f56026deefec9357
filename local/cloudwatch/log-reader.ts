import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** Reads on in a log file that others write. */
export interface LogReader {
  /** Hands on every whole line that was written since the last time. */
  read(line: (text: string) => void): void;
  close(): void;
}

const chunkBytes = 1024 * 1024;
const newline = 0x0a;

/**
 * A reader of a log file and of the one before it, `.1`, which begins with what is there already. It goes on when the file is put aside as `.1` and
 * begun anew.
 */
export function logReader(file: string): LogReader {
  let hasBegun = false;
  let current: { readonly descriptor: number; offset: number; rest: Buffer } | undefined;
  const open = (path: string) => ({ descriptor: openSync(path, 'r'), offset: 0, rest: Buffer.alloc(0) });
  const drain = (line: (text: string) => void): void => {
    if (!current) return;
    const chunk = Buffer.alloc(Math.min(chunkBytes, Math.max(0, fstatSync(current.descriptor).size - current.offset)));
    for (let bytes = 1; chunk.length > 0 && bytes > 0; ) {
      bytes = readSync(current.descriptor, chunk, 0, chunk.length, current.offset);
      current.offset += bytes;
      const text = Buffer.concat([current.rest, chunk.subarray(0, bytes)]);
      const end = text.lastIndexOf(newline) + 1;
      current.rest = text.subarray(end);
      if (end > 0) for (const each of text.toString('utf8', 0, end - 1).split('\n')) line(each);
    }
  };
  const finish = (line: (text: string) => void): void => {
    drain(line);
    if (current) closeSync(current.descriptor);
    current = undefined;
  };
  return {
    read: (line) => {
      if (!hasBegun && existsSync(`${file}.1`)) {
        current = open(`${file}.1`);
        finish(line);
      }
      hasBegun = true;
      if (!existsSync(file)) return;
      if (current && fstatSync(current.descriptor).ino !== statSync(file).ino) finish(line);
      current ??= open(file);
      drain(line);
    },
    close: () => {
      if (current) closeSync(current.descriptor);
      current = undefined;
    },
  };
}

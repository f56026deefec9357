import { Readable } from 'node:stream';
import type { DatabaseSync } from 'node:sqlite';

/** What dynalite keeps of one table, in the order of keys. */
export interface Items {
  get(key: string, done: Done): void;
  put(key: string, value: unknown, done: Done): void;
  del(key: string, done: Done): void;
  createKeyStream(range: Range): Readable;
  createValueStream(range: Range): Readable;
}

export type Done = (error: Error | null, result?: unknown) => void;

/** LevelDB's way to say which keys. */
interface Range {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly reverse?: boolean;
  /** -1 for all. */
  readonly limit?: number;
}

interface Row {
  readonly key: string;
  readonly value: string;
}

/** So many rows are read at once. */
const pageRows = 100;
/** Sorts behind every key, and right behind one. */
const end = '\u{10ffff}';
const after = (key: string): string => `${key}\0`;

/** Opens the store of dynalite's tables in the local run's database: what is written survives the end of the process. */
export function openItems(database: DatabaseSync): (table: string) => Items {
  database.exec('CREATE TABLE IF NOT EXISTS items (tableName TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (tableName, key)) STRICT');
  const get = database.prepare('SELECT value FROM items WHERE tableName = ? AND key = ?');
  const put = database.prepare('INSERT INTO items (tableName, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
  const del = database.prepare('DELETE FROM items WHERE tableName = ? AND key = ?');
  const page = (order: 'ASC' | 'DESC') => database.prepare(`SELECT key, value FROM items WHERE tableName = ? AND key >= ? AND key < ? ORDER BY key ${order} LIMIT ?`);
  const [forwards, backwards] = [page('ASC'), page('DESC')];

  /** Page by page, because writes come between. */
  function* rows(table: string, { gt, gte = '', lt = end, lte, reverse = false, limit = -1 }: Range): Generator<Row> {
    let from = gt === undefined ? gte : after(gt);
    let to = lte === undefined ? lt : after(lte);
    for (let left = limit < 0 ? Infinity : limit; left > 0; ) {
      const wanted = Math.min(left, pageRows);
      const found = (reverse ? backwards : forwards).all(table, from, to, wanted) as unknown as Row[];
      yield* found;
      const last = found.at(-1);
      if (!last || found.length < wanted) return;
      left -= found.length;
      if (reverse) to = last.key;
      else from = after(last.key);
    }
  }

  return (table) => ({
    get: attempt((key: string) => {
      const found = get.get(table, key) as Pick<Row, 'value'> | undefined;
      return found && (JSON.parse(found.value) as unknown);
    }),
    put: (key, value, done) => attempt(() => void put.run(table, key, JSON.stringify(value)))(key, done),
    del: attempt((key: string) => void del.run(table, key)),
    createKeyStream: (range) => Readable.from(map(rows(table, range), ({ key }) => key)),
    createValueStream: (range) => Readable.from(map(rows(table, range), ({ value }) => JSON.parse(value) as unknown)),
  });
}

/** Work whose result or error goes to a callback; what the callback itself throws does not come back to it. */
const attempt =
  (work: (key: string) => unknown) =>
  (key: string, done: Done): void => {
    let result: unknown;
    try {
      result = work(key);
    } catch (error) {
      done(error as Error);
      return;
    }
    done(null, result);
  };

function* map<T, U>(items: Iterable<T>, of: (item: T) => U): Generator<U> {
  for (const item of items) yield of(item);
}

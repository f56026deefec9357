import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** What a bucket tells of an object without its content. */
export interface Stored {
  readonly key: string;
  readonly bytes: number;
  /** The same content has the same. */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

/** The buckets of the local run: objects by key, kept in one SQLite file. */
export interface Buckets {
  put(bucket: string, key: string, content: string): void;
  get(bucket: string, key: string): string | undefined;
  delete(bucket: string, key: string): void;
  /** Keys that begin with a prefix, in order. */
  list(bucket: string, prefix: string, max: number): string[];
  /** How many keys begin with a prefix. */
  count(bucket: string, prefix: string): number;
  /** Objects whose keys begin with a prefix, in order, behind a key. */
  stored(bucket: string, prefix: string, max: number, after?: string): Stored[];
}

interface Row {
  readonly key: string;
  readonly content: string;
  readonly modifiedAt: number;
}

/** Opens the buckets in the local run's database. */
export function openBuckets(database: DatabaseSync, now: () => number = Date.now): Buckets {
  database.exec('CREATE TABLE IF NOT EXISTS objects (bucket TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (bucket, key)) STRICT');
  const columns = database.prepare("SELECT name FROM pragma_table_info('objects')").all() as { name: string }[];
  // A state that was made before objects had it.
  if (!columns.some(({ name }) => name === 'modifiedAt')) database.exec('ALTER TABLE objects ADD COLUMN modifiedAt INTEGER NOT NULL DEFAULT 0');
  const insert = database.prepare('INSERT OR REPLACE INTO objects (bucket, key, content, modifiedAt) VALUES (?, ?, ?, ?)');
  const select = database.prepare('SELECT content FROM objects WHERE bucket = ? AND key = ?');
  const remove = database.prepare('DELETE FROM objects WHERE bucket = ? AND key = ?');
  const count = database.prepare('SELECT count(*) AS count FROM objects WHERE bucket = ?1 AND substr(key, 1, length(?2)) = ?2 AND key >= ?2');
  const list = database.prepare(
    'SELECT key, content, modifiedAt FROM objects WHERE bucket = ?1 AND substr(key, 1, length(?2)) = ?2 AND key >= ?2 AND key > ?3 ORDER BY key LIMIT ?4',
  );
  const rows = (bucket: string, prefix: string, max: number, after = ''): Row[] => list.all(bucket, prefix, after, max) as unknown as Row[];
  return {
    put: (bucket, key, content) => {
      insert.run(bucket, key, content, now());
    },
    get: (bucket, key) => (select.get(bucket, key) as { content: string } | undefined)?.content,
    delete: (bucket, key) => {
      remove.run(bucket, key);
    },
    count: (bucket, prefix) => (count.get(bucket, prefix) as { count: number }).count,
    list: (bucket, prefix, max) => rows(bucket, prefix, max).map(({ key }) => key),
    stored: (bucket, prefix, max, after) =>
      rows(bucket, prefix, max, after).map(({ key, content, modifiedAt }) => ({
        key,
        bytes: Buffer.byteLength(content),
        etag: createHash('md5').update(content).digest('hex'),
        modifiedAt,
      })),
  };
}

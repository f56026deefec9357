import type { DatabaseSync } from 'node:sqlite';

/** The buckets of the local run: objects by key, kept in one SQLite file. */
export interface Buckets {
  put(bucket: string, key: string, content: string): void;
  get(bucket: string, key: string): string | undefined;
  delete(bucket: string, key: string): void;
  /** Keys that begin with a prefix, in order. */
  list(bucket: string, prefix: string, max: number): string[];
  /** How many keys begin with a prefix. */
  count(bucket: string, prefix: string): number;
}

/** Opens the buckets in the local run's database. */
export function openBuckets(database: DatabaseSync): Buckets {
  database.exec('CREATE TABLE IF NOT EXISTS objects (bucket TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (bucket, key)) STRICT');
  const insert = database.prepare('INSERT OR REPLACE INTO objects (bucket, key, content) VALUES (?, ?, ?)');
  const select = database.prepare('SELECT content FROM objects WHERE bucket = ? AND key = ?');
  const remove = database.prepare('DELETE FROM objects WHERE bucket = ? AND key = ?');
  const list = database.prepare('SELECT key FROM objects WHERE bucket = ?1 AND substr(key, 1, length(?2)) = ?2 AND key >= ?2 ORDER BY key LIMIT ?3');
  const count = database.prepare('SELECT count(*) AS count FROM objects WHERE bucket = ?1 AND substr(key, 1, length(?2)) = ?2 AND key >= ?2');
  return {
    put: (bucket, key, content) => {
      insert.run(bucket, key, content);
    },
    get: (bucket, key) => (select.get(bucket, key) as { content: string } | undefined)?.content,
    delete: (bucket, key) => {
      remove.run(bucket, key);
    },
    count: (bucket, prefix) => (count.get(bucket, prefix) as { count: number }).count,
    list: (bucket, prefix, max) => (list.all(bucket, prefix, max) as { key: string }[]).map(({ key }) => key),
  };
}

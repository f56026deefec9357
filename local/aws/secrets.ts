import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** The secrets that Secrets Manager would generate, by name; each is made once, and stays. */
export function generatedSecrets(database: DatabaseSync, names: readonly string[]): Map<string, string> {
  database.exec('CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT');
  const insert = database.prepare('INSERT OR IGNORE INTO secrets (name, text) VALUES (?, ?)');
  const select = database.prepare('SELECT text FROM secrets WHERE name = ?');
  return new Map(
    names.map((name) => {
      insert.run(name, randomBytes(48).toString('base64url'));
      return [name, (select.get(name) as { text: string }).text];
    }),
  );
}

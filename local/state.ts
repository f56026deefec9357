import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LocalRunError } from './error.ts';

/** Opens the state; its lock keeps every other run out of the folder, and ends with this process however it ends. */
export function openDatabase(data: string): DatabaseSync {
  const database = new DatabaseSync(join(data, 'state.sqlite'));
  try {
    // A commit survives the end of the process; only a power cut could take the last ones.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN EXCLUSIVE; COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw new LocalRunError(
      `The state in ${data} cannot be opened: ${(error as Error).message}. Another run may have it: stop that one, or give this one a folder of its own by --data.`,
    );
  }
}


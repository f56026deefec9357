import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { arnOf } from '../../local/cloudformation.ts';
import { backlogPrefix } from '../../lambdas/contracts/names.ts';

const day = 86_400_000;

/**
 * Makes what waits in the state of a local run, which is stopped, look as if it had been there for so many days longer: messages of a queue, and a
 * subscription's events in its backlog.
 *
 * @returns how many of each there are
 */
export function ageState(data: string, { queue, subscription, days }: { queue: string; subscription: string; days: number }): { messages: number; batches: number } {
  const database = new DatabaseSync(join(data, 'state.sqlite'));
  try {
    const { changes } = database.prepare('UPDATE messages SET sentAt = sentAt - ? WHERE queue = ?').run(days * day, arnOf('sqs', queue));
    const prefix = backlogPrefix(subscription);
    const batches = database.prepare('SELECT key FROM objects WHERE substr(key, 1, length(?1)) = ?1').all(prefix) as { key: string }[];
    const rename = database.prepare('UPDATE objects SET key = ? WHERE key = ?');
    for (const { key } of batches) {
      const [heldSince = '', rest = ''] = key.slice(prefix.length).split('_');
      rename.run(`${prefix}${new Date(Date.parse(heldSince) - days * day).toISOString()}_${rest}`, key);
    }
    return { messages: Number(changes), batches: batches.length };
  } finally {
    database.close();
  }
}

import { startTables } from './dynalite.ts';
import { checkSequences } from './sequences.ts';

/** A share of the sequences, in a process of its own: how many, and the seed. */
const [runs, seed] = process.argv.slice(2).map(Number);
let left = runs ?? 0;
let from = seed ?? 0;
// New tables now and then: the engine keeps them in memory.
while (left > 0) {
  const count = Math.min(250, left);
  const database = await startTables();
  await checkSequences(database.tables, count, from);
  await database.close();
  left -= count;
  process.stdout.write(`${left} sequences left\n`);
  from += 1000;
}

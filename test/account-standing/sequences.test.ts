import { afterAll, beforeAll, it } from 'vitest';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { checkSequences } from '../support/sequences.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

it('order does not matter: logins, settings, trips, disputes and unlocks end with the same standing and receipts, shuffled and doubled', async () => {
  await checkSequences(database.tables, 40);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { protectionSuite } from './protection.ts';
import { chainSuite } from './suite.ts';

let database: TestTables;
let chain: LocalChain;
beforeAll(async () => {
  database = await startTables();
  chain = await startLocalChain({ tablesUrl: database.url });
});
afterAll(async () => {
  await chain.remove();
  await database.close();
});

chainSuite('local run', () => chain);
protectionSuite(() => ({ chain, database }));

it('needs no permission that the templates do not give', () => {
  expect(chain.reports).toEqual([]);
});

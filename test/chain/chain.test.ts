import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { chainSuite } from './suite.ts';

let chain: LocalChain;
beforeAll(async () => {
  chain = await startLocalChain();
});
afterAll(() => chain.remove());

chainSuite('local run', () => chain);

it('needs no permission that the templates do not give', () => {
  expect(chain.reports).toEqual([]);
});

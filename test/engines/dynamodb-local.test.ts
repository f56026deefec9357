import { afterAll, beforeAll } from 'vitest';
import { chainSuite } from '../chain/suite.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { type Engine, startDynamoDbLocal } from './engines.ts';

let engine: Engine;
let chain: LocalChain;
beforeAll(async () => {
  engine = await startDynamoDbLocal();
  chain = await startLocalChain({ tablesUrl: engine.url });
});
afterAll(async () => {
  await chain?.remove();
  await engine?.stop();
});

chainSuite('DynamoDB Local', () => chain);

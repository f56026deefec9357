import { afterAll, beforeAll } from 'vitest';
import { chainSuite } from '../chain/suite.ts';
import { startTestBroker, type TestBroker } from '../support/brokers.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';

let broker: TestBroker;
let chain: LocalChain;
beforeAll(async () => {
  broker = await startTestBroker();
  chain = await startLocalChain({ bus: 'kafka', brokers: broker.brokers });
});
afterAll(async () => {
  await chain?.remove();
  await broker?.remove();
});

chainSuite('Kafka', () => chain);

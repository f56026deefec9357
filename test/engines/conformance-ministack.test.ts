import { afterAll, beforeAll } from 'vitest';
import { startOnMiniStack } from '../conformance/on-ministack.ts';
import { conformanceSuite } from '../conformance/suite.ts';

let bus: Awaited<ReturnType<typeof startOnMiniStack>>;
beforeAll(async () => {
  bus = await startOnMiniStack();
});
afterAll(() => bus?.remove());

conformanceSuite('SNS/SQS of MiniStack', () => bus, {
  order: 'a standard queue hands over in any order',
  past: 'a subscription begins when it is made',
  bus: 'MiniStack keeps nothing when it is killed',
  consumers: 'MiniStack runs functions where a test cannot kill one',
});

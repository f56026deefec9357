import { afterAll, beforeAll } from 'vitest';
import { startOnSns } from '../conformance/on-sns.ts';
import { conformanceSuite } from '../conformance/suite.ts';

let bus: Awaited<ReturnType<typeof startOnSns>>;
beforeAll(async () => {
  bus = await startOnSns();
});
afterAll(() => bus?.remove());

conformanceSuite('SNS/SQS of the local run', () => bus, { order: 'a standard queue hands over in any order', past: 'a subscription begins when it is made' });

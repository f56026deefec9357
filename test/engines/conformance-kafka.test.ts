import { afterAll, beforeAll } from 'vitest';
import { startOnKafka } from '../conformance/on-kafka.ts';
import { conformanceSuite } from '../conformance/suite.ts';

let bus: Awaited<ReturnType<typeof startOnKafka>>;
beforeAll(async () => {
  bus = await startOnKafka();
});
afterAll(() => bus?.remove());

conformanceSuite('Kafka', () => bus, {});

import { afterAll, beforeAll, describe } from 'vitest';
import { startOnKafka } from '../conformance/on-kafka.ts';
import { startOnMiniStack } from '../conformance/on-ministack.ts';
import { startOnSns } from '../conformance/on-sns.ts';
import { type ConformanceBus, conformanceSuite, type OptionalPromise } from '../conformance/suite.ts';

/** One bus after the other: they share the machine. */
function on(name: string, start: () => Promise<ConformanceBus & { remove(): Promise<void> }>, cannot: Readonly<Partial<Record<OptionalPromise, string>>>): void {
  describe(`the bus: ${name}`, () => {
    let bus: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      bus = await start();
    });
    afterAll(() => bus?.remove());
    conformanceSuite(name, () => bus, cannot);
  });
}

const order = 'a standard queue hands over in any order';
const past = 'a subscription begins when it is made';
on('SNS/SQS of the local run', startOnSns, { order, past });
on('SNS/SQS of MiniStack', startOnMiniStack, { order, past, bus: 'MiniStack keeps nothing when it is killed', consumers: 'MiniStack runs functions where a test cannot kill one' });
on('Kafka', startOnKafka, {});

import { connectProducer } from '../../lambdas/runtime/kafka/connection.ts';
import { kafkaPublisher } from '../../lambdas/runtime/kafka/publisher.ts';
import { plainEvent, startTestBroker, unsecuredToken } from './brokers.ts';

/**
 * Publishes without a pause to a real broker that asks for a new token so often, as MSK does with IAM.
 *
 * @returns how many events were published, failed, and lie in the topic, and how many tokens were shown
 */
export async function publishWithTokens({ reauthMilliseconds, seconds }: { reauthMilliseconds: number; seconds: number }) {
  const broker = await startTestBroker(reauthMilliseconds);
  await broker.makeTopics({ tokens: 6 });
  let tokens = 0;
  const token = () => {
    tokens += 1;
    return Promise.resolve(unsecuredToken(2 * (reauthMilliseconds / 1000)));
  };
  const connect = () => connectProducer({ brokers: [broker.oauthBrokers ?? ''], sasl: { mechanism: 'OAUTHBEARER', token } });
  const publisher = kafkaPublisher(connect, new Map([['tokens', 'tokens']]));
  // As a function that is frozen between two calls: the old token's time is over when it goes on.
  await publisher.publish([plainEvent('tokens', 'frozen', 'before')]);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, reauthMilliseconds * 1.5);
  let failed = (await publisher.publish([plainEvent('tokens', 'frozen', 'after')])).size;
  let published = 2;
  const end = Date.now() + seconds * 1000;
  for (; Date.now() < end; published += 10) {
    const events = Array.from({ length: 10 }, (_, index) => plainEvent('tokens', `player-${index}`, `${published}-${index}`));
    failed += (await publisher.publish(events)).size;
  }
  const found = (await broker.read('tokens')).length;
  await broker.remove();
  return { published, failed, found, tokens };
}

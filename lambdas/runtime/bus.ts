import { SNSClient } from '@aws-sdk/client-sns';
import { lazily } from '../contracts/lazily.ts';
import { topicVariableOf, variables } from '../contracts/names.ts';
import { clientDefaults, type Environment, required } from './environment.ts';
import type { Inbox } from './inbox.ts';
import type { Publisher } from './publisher.ts';
import { snsPublisher } from './sns/publisher.ts';
import { queueInbox } from './sns/queue-inbox.ts';

// What speaks Kafka is a file of its own beside each bundle: on SNS it costs nothing.
const isKafka = (env: Environment): boolean => required(env, variables.bus) === 'kafka';

/** The publisher of events of the types that this function may publish. It retries by itself, entry by entry. */
export function publisherOf(env: Environment, types: readonly string[]): Publisher {
  const topics = new Map(types.map((type) => [type, required(env, topicVariableOf(type))]));
  if (isKafka(env)) return byFirstEvent(async () => (await import('./kafka/bus.ts')).kafkaPublisherOf(env, topics));
  return snsPublisher(new SNSClient({ ...clientDefaults, maxAttempts: 1 }), topics, Math.random);
}

/** A publisher that is made by the first event: what answers access checks publishes nothing, and need not load what could. */
function byFirstEvent(make: () => Promise<Publisher>): Publisher {
  const made = lazily(make);
  return {
    publish: async (events) => {
      if (events.length === 0) return new Map();
      return (await made()).publish(events);
    },
  };
}

/** Where the records of a consumer come from. Their shape is the bus's, and so is what Lambda is answered. */
export async function inboxOf(env: Environment): Promise<Inbox<unknown, unknown>> {
  if (isKafka(env)) return (await import('./kafka/bus.ts')).kafkaInboxOf(env);
  // Most containers never see a record fail, and need SQS's client for nothing else: it is a file of its own, too.
  const queue = lazily(async () => (await import('./sns/failed-records.ts')).failedRecordsOf(env));
  return queueInbox({ park: async (records) => (await queue()).park(records), delay: async (seconds) => (await queue()).delay(seconds) });
}

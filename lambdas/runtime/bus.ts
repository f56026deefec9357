import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { topicVariableOf, variables } from '../contracts/names.ts';
import { clientDefaults, type Environment, required } from './environment.ts';
import type { Inbox } from './inbox.ts';
import type { Publisher } from './publisher.ts';
import { snsPublisher } from './sns/publisher.ts';
import { queueInbox } from './sns/queue-inbox.ts';
import { recordQueue } from './sns/record-queue.ts';

// What speaks Kafka is a file of its own beside each bundle: on SNS it costs nothing.
const isKafka = (env: Environment): boolean => required(env, variables.bus) === 'kafka';

/** The publisher of events of the types that this function may publish. It retries by itself, entry by entry. */
export function publisherOf(env: Environment, types: readonly string[]): Publisher {
  const topics = new Map(types.map((type) => [type, required(env, topicVariableOf(type))]));
  if (isKafka(env)) return lazily(async () => (await import('./kafka/bus.ts')).kafkaPublisherOf(env, topics));
  return snsPublisher(new SNSClient({ ...clientDefaults, maxAttempts: 1 }), topics, Math.random);
}

/** A publisher that is made by the first event: what answers access checks publishes nothing, and need not load what could. */
function lazily(make: () => Promise<Publisher>): Publisher {
  let made: Promise<Publisher> | undefined;
  return {
    publish: async (events) => {
      if (events.length === 0) return new Map();
      made ??= make();
      return (await made).publish(events);
    },
  };
}

/** Where the records of a consumer come from. Their shape is the bus's, and so is what Lambda is answered. */
export async function inboxOf(env: Environment): Promise<Inbox<unknown, unknown>> {
  if (isKafka(env)) return (await import('./kafka/bus.ts')).kafkaInboxOf(env);
  const urls = { queue: required(env, variables.queueUrl), deadLetterQueue: required(env, variables.deadLetterQueueUrl) };
  return queueInbox(recordQueue(new SQSClient({ ...clientDefaults, useQueueUrlAsEndpoint: false }), urls, Math.random));
}

import type { CloudEvent } from '../../contracts/cloud-event.ts';
import { type Publisher, topicOfEvent } from '../publisher.ts';

/** What Kafka takes of a message. */
export interface Message {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
}

/** One connection to the brokers that publishes. */
export interface Producer {
  /** Resolves when all replicas have all messages, which are of one topic. */
  send(messages: readonly Message[]): Promise<void>;
  close(): Promise<void>;
}

/** An event as large as SNS takes, so that both buses take the same. */
const maxBytes = 250 * 1024;
/** With this a publish stays below the time-out of every function, as on SNS. */
const limitMilliseconds = 7000;

/**
 * A publisher over Kafka: an event's key is its account, so those of one account keep their order. A topic's events are sent together.
 * What was not confirmed is told event by event; the producer is then made anew, because its sequence is not known any more.
 *
 * @param connect makes a producer; it is asked once, and again after a failure
 * @param topics names by event type
 */
export function kafkaPublisher(connect: () => Promise<Producer>, topics: ReadonlyMap<string, string>): Publisher {
  let connecting: Promise<Producer> | undefined;

  const send = async (messages: readonly Message[], milliseconds: number): Promise<void> => {
    connecting ??= connect();
    const mine = connecting;
    try {
      await within(
        milliseconds,
        mine.then((producer) => producer.send(messages)),
      );
    } catch (error) {
      if (connecting === mine) connecting = undefined;
      mine.then((producer) => producer.close()).catch(() => undefined);
      throw error;
    }
  };

  return {
    publish: async (events) => {
      const unconfirmed = new Map<CloudEvent, string>();
      const messages = new Map<CloudEvent, Message>();
      for (const event of events) {
        const message = { topic: topicOfEvent(topics, event), key: event.subject, value: JSON.stringify(event) };
        if (Buffer.byteLength(message.value) > maxBytes) unconfirmed.set(event, 'MessageTooLarge');
        else messages.set(event, message);
      }
      const end = performance.now() + limitMilliseconds;
      for (const group of Map.groupBy(messages, ([, { topic }]) => topic).values()) {
        try {
          await send(group.map(([, message]) => message), end - performance.now());
        } catch (error) {
          const reason = error instanceof Error ? error.name : 'Error';
          for (const [event] of group) unconfirmed.set(event, reason);
        }
      }
      return unconfirmed;
    },
  };
}

/** @throws TimeoutError when the time is over */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new DOMException('The brokers did not answer in time.', 'TimeoutError')), Math.max(0, milliseconds));
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

import type { Messages } from '../aws/messages.ts';
import type { Queue } from '../model.ts';
import { type Clock, minute } from './clock.ts';
import type { Measures } from './measures.ts';
import type { MetricStore } from './store.ts';

/**
 * SQS reports of a queue that is active: one that holds messages, or was used within the last six hours.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
const activeMilliseconds = 6 * 60 * minute;

export interface MeasuredQueues {
  /** The same queues, counted. */
  readonly messages: Messages;
  /** Looks at the depth and age of the queues. */
  look(): void;
}

/**
 * What SQS measures of queues.
 *
 * @param polled ARNs of the queues that Lambda asks all the time, which keeps them active
 */
export function measureQueues(
  messages: Messages,
  { queues, polled, store, clock, measures }: { queues: readonly Queue[]; polled: ReadonlySet<string>; store: MetricStore; clock: Clock; measures: Measures },
): MeasuredQueues {
  const nameOf = new Map(queues.map(({ arn, name }) => [arn, name]));
  const deadLetterQueues = new Set(queues.flatMap(({ redrive }) => redrive?.deadLetterQueueArn ?? []));
  const usedAt = new Map<string, number>();
  const count = (arn: string, what: Parameters<Measures['messages']>[1], number: number): void => {
    usedAt.set(arn, clock.now());
    if (number > 0) measures.messages(nameOf.get(arn) ?? arn, what, number);
  };
  return {
    messages: {
      ...messages,
      send: (deliveries) => {
        const ids = messages.send(deliveries);
        for (const [arn, sent] of Map.groupBy(deliveries, ({ queueArn }) => queueArn)) count(arn, 'Sent', sent.length);
        return ids;
      },
      receive: (arn, max, visibilitySeconds) => {
        const received = messages.receive(arn, max, visibilitySeconds);
        count(arn, 'Received', received.length);
        return received;
      },
      delete: (arn, receiptHandles) => {
        messages.delete(arn, receiptHandles);
        count(arn, 'Deleted', receiptHandles.length);
      },
    },
    look: () => {
      for (const { arn, name } of queues) {
        const { visible, inFlight, delayed, oldestAge } = messages.depth(arn, deadLetterQueues.has(arn));
        const isUsed = polled.has(arn) || visible + inFlight + delayed > 0 || (usedAt.get(arn) ?? -Infinity) > clock.now() - activeMilliseconds;
        if (!isUsed) continue;
        const set = (metric: string, value: number, unit = 'Count') =>
          store.set({ namespace: 'AWS/SQS', name: metric, dimensions: { QueueName: name } }, clock.now(), value, unit);
        set('ApproximateNumberOfMessagesVisible', visible);
        set('ApproximateNumberOfMessagesNotVisible', inFlight);
        set('ApproximateNumberOfMessagesDelayed', delayed);
        set('ApproximateAgeOfOldestMessage', clock.stretched(oldestAge ?? 0) / 1000, 'Seconds');
      }
    },
  };
}

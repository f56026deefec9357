import type { Measures } from '../cloudwatch/measures.ts';
import type { Model, Subscription } from '../model.ts';
import { type Authority, snsService } from './authority.ts';
import type { Messages } from './messages.ts';

/** The topics of the local run: SNS with subscriptions of SQS queues. */
export interface Bus {
  /** Delivers messages to every subscription that lets them through; all are in the queues when it returns. */
  publish(topicArn: string, bodies: readonly string[]): void;
}

export interface BusParts {
  readonly messages: Messages;
  readonly authority: Authority;
  readonly measures: Measures;
  /** Whether a queue takes nothing of SNS just now, for tests. */
  readonly refuses: (queueArn: string) => boolean;
}

/** Where a subscription delivers; nothing where the queue's policy does not let SNS send to it. */
interface Target {
  readonly queueArn: string | undefined;
  readonly deadLetterQueueArn: string | undefined;
  readonly passes: (body: string) => boolean;
}

/** Opens the topics; whether SNS may send to a queue is what the queue's policy says. */
export async function openBus(model: Model, { messages, authority, measures, refuses }: BusParts): Promise<Bus> {
  const targets = new Map<string, Target[]>();
  for (const subscription of model.subscriptions) {
    const list = targets.get(subscription.topicArn) ?? [];
    list.push(await targetOf(subscription, authority));
    targets.set(subscription.topicArn, list);
  }
  return {
    publish: (topicArn, bodies) => {
      const topic = topicArn.split(':').at(-1) ?? '';
      measures.published(topic, bodies.map((body) => Buffer.byteLength(body)));
      const deliveries = (targets.get(topicArn) ?? []).flatMap(({ queueArn, deadLetterQueueArn, passes }) => {
        const passed = bodies.filter(passes);
        const isTaken = queueArn !== undefined && !refuses(queueArn);
        const to = isTaken ? queueArn : deadLetterQueueArn;
        if (passed.length > 0) measures.notified(topic, isTaken ? 'NumberOfNotificationsDelivered' : 'NumberOfNotificationsFailed', passed.length);
        if (passed.length > 0 && !isTaken && to !== undefined) measures.notified(topic, 'NumberOfNotificationsRedrivenToDlq', passed.length);
        return to === undefined ? [] : passed.map((body) => ({ queueArn: to, message: { body } }));
      });
      messages.send(deliveries);
    },
  };
}

/** The queue, and the subscription's dead-letter queue for what cannot be delivered there, as far as SNS may send to them. */
async function targetOf(subscription: Subscription, authority: Authority): Promise<Target> {
  const allowed = async (resource: string | undefined): Promise<string | undefined> => {
    const ask = { action: 'sqs:SendMessage', resource: resource ?? '', context: { 'aws:SourceArn': subscription.topicArn } };
    return resource !== undefined && (await authority.allows(snsService, ask)) ? resource : undefined;
  };
  return { queueArn: await allowed(subscription.queueArn), deadLetterQueueArn: await allowed(subscription.deadLetterQueueArn), passes: filterOf(subscription) };
}

/** A filter policy over the body: each named field of `data` holds one of its values. */
function filterOf({ filter }: Subscription): (body: string) => boolean {
  if (!filter) return () => true;
  return (body) => {
    const data = dataOf(body);
    return Object.entries(filter).every(([field, allowed]) => {
      const value = data[field];
      return (Array.isArray(value) ? value : [value]).some((each) => allowed.includes(each as string));
    });
  };
}

function dataOf(body: string): Record<string, unknown> {
  try {
    return (JSON.parse(body) as { data?: Record<string, unknown> }).data ?? {};
  } catch {
    return {};
  }
}

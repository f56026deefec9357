import type { Model, Subscription } from '../model.ts';
import { type Authority, snsService } from './authority.ts';
import type { Messages } from './messages.ts';

/** The topics of the local run: SNS with subscriptions of SQS queues. */
export interface Bus {
  /** Delivers messages to every subscription that lets them through; all are in the queues when it returns. */
  publish(topicArn: string, bodies: readonly string[]): void;
}

/** Opens the topics; whether SNS may send to a queue is what the queue's policy says. */
export async function openBus(model: Model, messages: Messages, authority: Authority): Promise<Bus> {
  const targets = new Map<string, { queueArn: string; passes: (body: string) => boolean }[]>();
  for (const subscription of model.subscriptions) {
    const queueArn = await targetOf(subscription, authority);
    if (queueArn === undefined) continue;
    const list = targets.get(subscription.topicArn) ?? [];
    list.push({ queueArn, passes: filterOf(subscription) });
    targets.set(subscription.topicArn, list);
  }
  return {
    publish: (topicArn, bodies) => {
      const subscribed = targets.get(topicArn) ?? [];
      messages.send(
        bodies.flatMap((body) =>
          subscribed.filter(({ passes }) => passes(body)).map(({ queueArn }) => ({ queueArn, message: { body } })),
        ),
      );
    },
  };
}

/** The queue, or else the subscription's dead-letter queue, or else nowhere, as on AWS. */
async function targetOf({ topicArn, queueArn, deadLetterQueueArn }: Subscription, authority: Authority): Promise<string | undefined> {
  for (const resource of [queueArn, deadLetterQueueArn]) {
    const ask = { action: 'sqs:SendMessage', resource: resource ?? '', context: { 'aws:SourceArn': topicArn } };
    if (resource !== undefined && (await authority.allows(snsService, ask))) return resource;
  }
  return undefined;
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

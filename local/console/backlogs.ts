import { parkedPrefix, variables } from '../../lambdas/contracts/names.ts';
import type { Buckets } from '../aws/buckets.ts';
import type { Messages, QueueDepth } from '../aws/messages.ts';
import type { Clock } from '../cloudwatch/clock.ts';
import type { Cluster } from '../kafka/cluster.ts';
import type { KafkaMapping, Model } from '../model.ts';
import type { Party } from './parties.ts';
import type { Backlog } from './types.ts';

export interface BacklogParts {
  readonly model: Model;
  readonly messages: Messages;
  readonly buckets: Buckets;
  readonly cluster: Cluster | undefined;
  readonly clock: Clock;
}

/** What waits for each consumer, in the order of the parties. */
export async function readBacklogs(parties: readonly Party[], parts: BacklogParts): Promise<Backlog[]> {
  const consumers = parties.filter(({ consumesFrom }) => consumesFrom.size > 0);
  if (!parts.model.kafka) {
    const depths = parts.messages.depths();
    return consumers.map((party) => inQueues(party, depths, parts));
  }
  // Brokers that are away for a while tell nothing.
  const lags = (await parts.cluster?.lags(parts.model.kafka.mappings).catch(() => undefined)) ?? new Map<string, number>();
  return consumers.map((party) => inTopics(party, lags, parts));
}

const nothing: QueueDepth = { waiting: 0, inFlight: 0, oldestAt: undefined };

function inQueues({ name, subscription, functions }: Party, depths: ReadonlyMap<string, QueueDepth>, { model, clock }: BacklogParts): Backlog {
  const names = new Set(functions.map((each) => each.name));
  const queues = model.eventSourceMappings.filter(({ functionName }) => names.has(functionName)).map(({ queueArn }) => queueArn);
  const depthOf = (arns: readonly (string | undefined)[]): QueueDepth => arns.map((arn) => depths.get(arn ?? '') ?? nothing).reduce(together, nothing);
  const total = ({ waiting, inFlight }: QueueDepth): number => waiting + inFlight;
  const here = depthOf(queues);
  const undelivered = new Set(model.subscriptions.filter(({ queueArn }) => queues.includes(queueArn)).map(({ deadLetterQueueArn }) => deadLetterQueueArn));
  return {
    consumer: name,
    isSubscription: subscription !== undefined,
    waiting: here.waiting,
    inFlight: here.inFlight,
    oldestSeconds: here.oldestAt === undefined ? null : Math.max(0, Math.round((clock.now() - clock.at(here.oldestAt)) / 1000)),
    dead: total(depthOf(model.queues.filter(({ arn }) => queues.includes(arn)).map(({ redrive }) => redrive?.deadLetterQueueArn))),
    undelivered: total(depthOf([...undelivered])),
  };
}

const together = (a: QueueDepth, b: QueueDepth): QueueDepth => ({
  waiting: a.waiting + b.waiting,
  inFlight: a.inFlight + b.inFlight,
  oldestAt: a.oldestAt === undefined || b.oldestAt === undefined ? (a.oldestAt ?? b.oldestAt) : Math.min(a.oldestAt, b.oldestAt),
});

function inTopics({ name, subscription, functions }: Party, lags: ReadonlyMap<string, number>, { model, buckets }: BacklogParts): Backlog {
  const names = new Set(functions.map((each) => each.name));
  const groups = (model.kafka?.mappings ?? []).filter(({ functionName }: KafkaMapping) => names.has(functionName)).map(({ group }) => group);
  const bucket = functions.map(({ environment }) => environment[variables.onFailureBucket]).find((each) => each !== undefined);
  const prefix = subscription === undefined ? '' : parkedPrefix(name);
  return {
    consumer: name,
    isSubscription: subscription !== undefined,
    waiting: groups.reduce((sum, group) => sum + (lags.get(group) ?? 0), 0),
    inFlight: null,
    oldestSeconds: null,
    dead: bucket === undefined ? 0 : buckets.count(bucket, prefix),
    undelivered: null,
  };
}

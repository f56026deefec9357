import { parkedPrefix, variables } from '../../lambdas/contracts/names.ts';
import type { Buckets } from '../aws/buckets.ts';
import type { Depth, Messages } from '../aws/messages.ts';
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
    return consumers.map((party) => inQueues(party, parts));
  }
  // Brokers that are away for a while tell nothing.
  const lags = (await parts.cluster?.lags(parts.model.kafka.mappings).catch(() => undefined)) ?? new Map<string, number>();
  return consumers.map((party) => inTopics(party, lags, parts));
}

function inQueues({ name, subscription, functions }: Party, { model, messages, clock }: BacklogParts): Backlog {
  const names = new Set(functions.map((each) => each.name));
  const queues = model.eventSourceMappings.filter(({ functionName }) => names.has(functionName)).map(({ queueArn }) => queueArn);
  const here = queues.map((arn) => messages.depth(arn, false));
  const sum = (of: (depth: Depth) => number): number => here.reduce((total, depth) => total + of(depth), 0);
  const lyingIn = (arns: Iterable<string | undefined>): number => [...arns].reduce((total, arn) => total + (arn === undefined ? 0 : messages.count(arn)), 0);
  const oldestAge = Math.max(...here.map((depth) => depth.oldestAge ?? -Infinity));
  const undelivered = new Set(model.subscriptions.filter(({ queueArn }) => queues.includes(queueArn)).map(({ deadLetterQueueArn }) => deadLetterQueueArn));
  return {
    consumer: name,
    isSubscription: subscription !== undefined,
    waiting: sum(({ visible }) => visible),
    inFlight: sum(({ inFlight, delayed }) => inFlight + delayed),
    oldestSeconds: oldestAge === -Infinity ? null : Math.round(clock.stretched(oldestAge) / 1000),
    dead: lyingIn(model.queues.filter(({ arn }) => queues.includes(arn)).map(({ redrive }) => redrive?.deadLetterQueueArn)),
    undelivered: lyingIn(undelivered),
  };
}

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

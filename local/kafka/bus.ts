import type { Authority } from '../aws/authority.ts';
import type { Buckets } from '../aws/buckets.ts';
import { makeCustomResources } from '../custom-resources.ts';
import type { Measures } from '../cloudwatch/measures.ts';
import type { Pool } from '../lambda/pool.ts';
import type { Function, KafkaCluster, KafkaMapping } from '../model.ts';
import { kafkaClient } from './client.ts';
import type { Cluster } from './cluster.ts';
import { type KafkaMappingParts, type KafkaPoller, startKafkaMapping } from './mapping.ts';
import { checkKafkaRoles } from './roles.ts';

export interface KafkaBusParts {
  /** What the templates have on the cluster. */
  readonly kafka: KafkaCluster;
  readonly cluster: Cluster;
  readonly functions: readonly Function[];
  /** A function by its name. */
  readonly poolOf: (functionName: string) => Pool;
  readonly authority: Authority;
  readonly buckets: Buckets;
  /** Told of each event that a mapping calls a function with. */
  readonly invoked: (event: unknown) => void;
  readonly measures: Measures;
  /** How long a minute of CloudWatch lasts, in milliseconds. */
  readonly minuteMilliseconds: number;
  readonly now: () => Date;
  readonly progress: (what: string) => void;
  readonly report: (what: string) => void;
}

/** The templates' topics and event source mappings, at work. */
export interface KafkaBus {
  /** Whether all that was read is done; what was not read yet, it does not know. */
  readonly isQuiet: boolean;
  /** Where the topics end, as text, when all that is in them is done. */
  caughtUp(): Promise<string | undefined>;
  stop(): Promise<void>;
}

/**
 * Makes what the templates have on the cluster, and starts the mappings; one that is disabled stands still.
 *
 * @throws when a role does not allow what MSK would ask for, and when a custom resource fails
 */
export async function startKafkaBus({ kafka, cluster, functions, poolOf, authority, invoked, measures, minuteMilliseconds, progress, ...parts }: KafkaBusParts): Promise<KafkaBus> {
  await checkKafkaRoles(kafka, functions, authority);
  progress('Making the topics of Kafka');
  await cluster.makeTopics(kafka.topics);
  const nameOf = new Map(functions.map(({ arn, name }) => [arn, name]));
  await makeResources(kafka, cluster, (arn, event) => poolOf(nameOf.get(arn) ?? arn).invoke(event));

  const enabled = kafka.mappings.filter(({ isEnabled }) => isEnabled);
  const pollers: KafkaPoller[] = [];
  const timer = setInterval(() => void lookAtLag(enabled, cluster, measures), minuteMilliseconds);
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await Promise.all(pollers.map((poller) => poller.stop()));
  };
  const client = kafkaClient(cluster.brokers);
  try {
    await Promise.all(
      enabled.map(async (mapping) => {
        const invoke = (event: unknown): Promise<unknown> => {
          invoked(event);
          return poolOf(mapping.functionName).invoke(event);
        };
        const functionArn = functions.find(({ name }) => name === mapping.functionName)?.arn ?? '';
        const measure: KafkaMappingParts['measure'] = (metric, value) => measures.mapping(mapping.id, metric, value);
        pollers.push(await startKafkaMapping(mapping, { ...parts, measure, kafka: client, brokers: cluster.brokers, functionArn, invoke }));
      }),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    get isQuiet() {
      return pollers.every(({ isSettled }) => isSettled);
    },
    // Brokers that are away for a while tell nothing.
    caughtUp: () => cluster.caughtUp(enabled).catch(() => undefined),
    stop,
  };
}

async function makeResources({ customResources }: KafkaCluster, { brokers }: Cluster, invoke: (arn: string, event: unknown) => Promise<unknown>): Promise<void> {
  const made = await makeCustomResources(customResources, invoke);
  // The references to it were resolved before there was a function to ask.
  const other = customResources.find((resource) => resource.type === 'Custom::KafkaBrokers' && made.get(resource)?.['Brokers'] !== brokers);
  if (other) throw new Error(`${other.logicalId} of ${other.stackName} gives other brokers than ${brokers}.`);
}

/** How far behind the mappings are, once a minute. Brokers that are away tell nothing. */
async function lookAtLag(mappings: readonly KafkaMapping[], cluster: Cluster, measures: Measures): Promise<void> {
  const lags = await cluster.lags(mappings).catch(() => new Map<string, number>());
  for (const { id, group } of mappings) {
    const lag = lags.get(group);
    if (lag !== undefined) measures.mapping(id, 'SumOffsetLag', lag);
  }
}

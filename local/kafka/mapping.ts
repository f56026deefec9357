import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, ConsumerGroupJoinEvent, Kafka, KafkaMessage } from 'kafkajs';
import type { Buckets } from '../aws/buckets.ts';
import type { MappingMetric } from '../cloudwatch/measures.ts';
import type { Poller } from '../lambda/mapping.ts';
import type { KafkaMapping } from '../model.ts';
import { passes } from './filter.ts';
import { type Lane, startLane } from './lane.ts';
import { doneBy, eventOf, failureOf, type KafkaRecord } from './records.ts';
import { workThrough } from './tries.ts';

export interface KafkaMappingParts {
  readonly kafka: Kafka;
  /** List of host:port, as the event tells the function. */
  readonly brokers: string;
  /** Calls the function. @throws when it fails */
  readonly invoke: (event: unknown) => Promise<unknown>;
  readonly functionArn: string;
  readonly buckets: Buckets;
  readonly now: () => Date;
  /** Told of what Lambda measures of the mapping. */
  readonly measure: (metric: MappingMetric, value: number) => void;
  /** Told of records that are discarded, because the mapping has no destination for them. */
  readonly report: (what: string) => void;
  /** Milliseconds until the next try after so many. */
  readonly backoff?: (tries: number) => number;
}

/** An event source mapping of Kafka at work. */
export interface KafkaPoller extends Poller {
  /** Whether all records that were read are done, and the group's offsets say so. */
  readonly isSettled: boolean;
}

/** How long the group waits for a member that died, in milliseconds: the least that a broker allows by default. */
const sessionTimeout = 6000;
const heartbeatInterval = 1000;
const rebalanceTimeout = 15_000;
/** How long a fetch waits for records, and so how soon a partition that was full is read again. */
const maxWaitTimeInMs = 500;
/** New partitions are seen within that time. */
const metadataMaxAge = 3000;
/** How long the consumer may take to leave its group. */
const graceMilliseconds = 3000;
const maxBackoff = 2000;

/** 0.1 s, 0.2 s, and so on up to 2 s: our functions wait by themselves before they report. */
const growing = (tries: number): number => Math.min(maxBackoff, 50 * 2 ** tries);

/**
 * Feeds a function from a topic, as Lambda does with provisioned pollers: one invocation for each partition at a time and in order,
 * with as many records as there are within the window. The group's offset moves behind what is done or lies in the on-failure bucket.
 * Brokers that are away are waited for.
 */
export async function startKafkaMapping(mapping: KafkaMapping, parts: KafkaMappingParts): Promise<KafkaPoller> {
  const { topic, batchSize, windowSeconds } = mapping;
  const consumer = parts.kafka.consumer({ groupId: mapping.group, sessionTimeout, heartbeatInterval, rebalanceTimeout, maxWaitTimeInMs, metadataMaxAge, allowAutoTopicCreation: false });
  const lanes = new Map<number, Lane>();
  const former = new Map<number, Promise<void>>();
  let memberId: string | undefined;
  let isStopping = false;

  /** kafkajs refuses both between a crash and the restart, after which nothing is paused. */
  const setPaused = (partition: number, isPaused: boolean): void => {
    try {
      consumer[isPaused ? 'pause' : 'resume']([{ topic, partitions: [partition] }]);
    } catch {}
  };

  const laneOf = (partition: number): Lane => {
    const there = lanes.get(partition);
    if (there) return there;
    const lane = startLane({
      batchSize,
      windowSeconds,
      after: former.get(partition) ?? Promise.resolve(),
      work: (batch, done, signal) => work(mapping, parts, partition, batch, done, signal),
      commit: (offset) => consumer.commitOffsets([{ topic, partition, offset: String(offset) }]),
      drained: () => {
        if (!isStopping) setPaused(partition, false);
      },
    });
    former.set(partition, lane.ended);
    lanes.set(partition, lane);
    return lane;
  };

  const take = (partition: number, messages: readonly KafkaMessage[], lastOffset: string): void => {
    const lane = laneOf(partition);
    const records = messages.flatMap((message): KafkaRecord[] => (passes(mapping.filters, message.value) ? [{ offset: Number(message.offset), message }] : []));
    lane.take(records, Number(lastOffset) + 1);
    if (lane.isFull) setPaused(partition, true);
  };

  const joined = ({ payload }: ConsumerGroupJoinEvent): void => {
    const assigned = payload.memberAssignment[topic] ?? [];
    // Who joins under a new name had no partitions meanwhile: others may have gone on.
    const isNew = payload.memberId !== memberId;
    memberId = payload.memberId;
    for (const [partition, lane] of lanes) {
      if (isNew || !assigned.includes(partition)) {
        lane.abandon();
        lanes.delete(partition);
        setPaused(partition, false);
      } else {
        lane.recommit();
      }
    }
  };

  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const run = (): Promise<void> =>
    consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // It only hands over: kafkajs reads nothing of any partition as long as one of them is in work.
      eachBatch: ({ batch, resolveOffset }) => {
        if (isStopping) {
          setPaused(batch.partition, true);
        } else {
          take(batch.partition, batch.messages, batch.lastOffset());
          resolveOffset(batch.messages.at(-1)?.offset ?? batch.lastOffset());
        }
        return Promise.resolve();
      },
    });
  consumer.on(consumer.events.GROUP_JOIN, joined);
  keepRunning(consumer, run, () => isStopping);
  await run();

  return {
    get isSettled() {
      return [...lanes.values()].every((lane) => lane.isSettled);
    },
    stop: async () => {
      isStopping = true;
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
      await Promise.all(former.values());
      const timer = new AbortController();
      await Promise.race([consumer.disconnect().catch(() => undefined), delay(graceMilliseconds, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
    },
  };
}

/** kafkajs restarts by itself after the failures that it knows to pass; here after all. */
function keepRunning(consumer: Consumer, run: () => Promise<void>, isStopping: () => boolean): void {
  const restart = async (): Promise<void> => {
    while (!isStopping()) {
      await delay(500);
      try {
        await consumer.connect();
        await run();
        return;
      } catch {}
    }
  };
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) void restart();
  });
}

/** One batch, until all of it is done or given up. */
async function work(
  mapping: KafkaMapping,
  { brokers, invoke, functionArn, buckets, now, measure, report, backoff = growing }: KafkaMappingParts,
  partition: number,
  batch: readonly KafkaRecord[],
  done: (left: readonly KafkaRecord[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { topic, destination } = mapping;
  let isError = false;
  let open = batch.length;
  await workThrough(batch, {
    attempt: async (records) => {
      try {
        const answer = await invoke(eventOf(mapping, brokers, partition, records));
        isError = false;
        return mapping.reportsFailures ? doneBy(answer, topic, partition, records) : records.length;
      } catch {
        isError = true;
        return 0;
      }
    },
    giveUp: (records, tries) => {
      const { key, content } = failureOf({ mapping, functionArn, event: eventOf(mapping, brokers, partition, records), tries, error: isError, now: now() });
      if (destination === undefined) report(`${mapping.functionName} could not work on ${records.length} records of ${topic}, which are discarded: the mapping has no destination.`);
      else {
        buckets.put(destination, key, content);
        measure('OnFailureDestinationDeliveredEventCount', records.length);
      }
      return Promise.resolve();
    },
    done: async (left) => {
      await done(left);
      measure('CommittedEventCount', open - left.length);
      open = left.length;
    },
    bisects: mapping.bisects,
    maxRetries: mapping.maxRetries,
    backoff,
    signal,
  });
}

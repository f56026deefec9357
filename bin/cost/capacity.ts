import { services } from '../../lib/services.ts';
import { settingsSchema } from '../../lib/settings.ts';
import { onKafka } from './deployed.ts';
import { everyLogin, loginFromAbroad, mibOfProcessor, type StageLoad, waitedFor } from './measured.ts';
import type { Region } from './prices.ts';
import { type QuotaName, quotas } from './quotas.ts';

/** A rate at which logins come. */
export interface Rate {
  readonly loginsPerSecond: number;
  /** Share of the logins that are from abroad, 0 to 1. */
  readonly abroad: number;
  /** Logins in a request, 1 to 100. */
  readonly batch: number;
}

/** The rate that is told. */
export const peak: Rate = { loginsPerSecond: 15_000, abroad: 0.05, batch: 10 };

/** What a stage needs at a rate. */
export interface StageNeed {
  readonly stage: string;
  readonly part: 'api' | 'consumer';
  /** Events in each invocation, logins for the publisher. */
  readonly batch: number;
  readonly invocationsPerSecond: number;
  /** Of one invocation. */
  readonly milliseconds: number;
  /** Invocations that run at once. */
  readonly concurrency: number;
  /** By the table of services; nothing where only the account bounds it. */
  readonly maxConcurrency: number | undefined;
  readonly publishesPerSecond: number;
  readonly writesPerSecond: number;
  readonly readsPerSecond: number;
}

/** Calls that a poller of Kafka makes at a time. */
const invocationsOfPoller = 5;
/** What is asked for above the need: traffic comes in waves within a second, too. */
const headroom = 1.5;

/**
 * What each stage needs. A processor of Lambda is taken for as fast as that on which `measured.ts` was measured; more memory than a processor's does not count, as a batch
 * is worked on by one. Batches are full at such a rate.
 */
export function stageNeeds(rate: Rate): StageNeed[] {
  const fromAbroad = rate.loginsPerSecond * rate.abroad;
  const loads = [...everyLogin.map((load) => ({ load, perSecond: rate.loginsPerSecond })), ...loginFromAbroad.map((load) => ({ load, perSecond: fromAbroad }))];
  return [...Map.groupBy(loads, ({ load }) => load.stage)].map(([stage, of]) => {
    const sum = (each: (load: StageLoad) => number): number => of.reduce((all, { load, perSecond }) => all + each(load) * perSecond, 0);
    const { api, consumer } = services.find(({ name }) => name === stage) ?? {};
    const part = stage === 'publisher' ? 'api' : 'consumer';
    const batch = part === 'api' ? rate.batch : (consumer?.batchSize ?? 1);
    const invocationsPerSecond = (part === 'api' ? rate.loginsPerSecond : sum(({ events }) => events)) / batch;
    const share = Math.min(1, ((part === 'api' ? api : consumer)?.memoryMiB ?? 0) / mibOfProcessor);
    const waited = waitedFor(sum(({ publishes }) => publishes), sum(({ writes, reads }) => writes + reads));
    const milliseconds = (invocationsPerSecond > 0 ? sum(({ cpu }) => cpu) / invocationsPerSecond : 0) / share + waited;
    return {
      stage,
      part,
      batch,
      invocationsPerSecond,
      milliseconds,
      concurrency: (invocationsPerSecond * milliseconds) / 1000,
      maxConcurrency: part === 'consumer' ? consumer?.maxConcurrency : undefined,
      publishesPerSecond: sum(({ publishes }) => publishes),
      writesPerSecond: sum(({ writes }) => writes),
      readsPerSecond: sum(({ reads }) => reads),
    };
  });
}

/** One thing that a rate takes, and what there is of it. */
export interface Need {
  readonly what: string;
  readonly need: number;
  /** By default; nothing where there is no bound. */
  readonly default: number;
  /** Where that is set: a setting, or AWS's page. */
  readonly by: string;
  /** What is to be done; empty when it is enough as it is. */
  readonly todo: string;
}

/** A figure to ask for: two digits, and not less. */
export function rounded(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}

/** All that a rate takes in a Region: this deployment's settings, and AWS's quotas. */
export function needs(rate: Rate, region: Region): Need[] {
  const stages = stageNeeds(rate);
  const settings = settingsSchema.parse({});
  const total = (of: (stage: StageNeed) => number): number => stages.reduce((sum, stage) => sum + of(stage), 0);
  const logger = stages.find(({ stage }) => stage === 'login-logger');
  const requests = rate.loginsPerSecond / rate.batch;
  const busiest = Math.max(...stages.filter(({ part }) => part === 'consumer').map(({ concurrency }) => concurrency));
  const setting = (what: string, need: number, name: string, current: number, value = (raised: number): string => `${name}: ${raised}`): Need => ({
    what,
    need,
    default: current,
    by: `the setting \`${name}\``,
    todo: need * headroom > current ? value(rounded(need * headroom)) : '',
  });
  const quota = (name: QuotaName, need: number, otherwise: (raised: number) => string = () => 'is enough only in the end'): Need => {
    const { what, page, isAdjustable, default: defaults } = quotas[name];
    const most = defaults[region];
    return { what, need, default: most, by: page, todo: need * headroom <= most ? '' : isAdjustable ? `ask for ${rounded(need * headroom)}` : otherwise(rounded(need * headroom)) };
  };
  const { initialWrites, partitionWrites } = quotas;
  const partitions = {
    what: 'partitions of login-history',
    need: Math.ceil((logger?.writesPerSecond ?? 0) / partitionWrites.default[region]),
    default: initialWrites.default[region] / partitionWrites.default[region],
    by: partitionWrites.page,
  };
  const warm = (raised: number): string => `warm throughput of login-history: ${raised}`;
  return [
    setting('requests a second to the HTTP API', requests, 'throttleRate', settings.throttleRate),
    quota('apiRequests', requests),
    ...stages.flatMap(({ stage, concurrency, maxConcurrency }) =>
      maxConcurrency === undefined ? [] : [setting(`batches of ${stage} at once`, concurrency, 'maxConcurrency', maxConcurrency, (raised) => `maxConcurrency: {"${stage}":${raised}}`)],
    ),
    quota('concurrency', total(({ concurrency }) => concurrency)),
    quota('concurrencyGrowth', Math.max(...stages.map(({ concurrency }) => concurrency))),
    quota('mappingGrowth', busiest),
    quota('mappingConcurrency', busiest, () => 'more memory, or a second queue'),
    quota('snsMessages', total(({ publishesPerSecond }) => publishesPerSecond)),
    // A batch waits for its window, and is worked on.
    quota('inFlight', Math.max(...stages.map(inFlightOf))),
    quota('initialWrites', logger?.writesPerSecond ?? 0, warm),
    quota('initialReads', logger?.readsPerSecond ?? 0, warm),
    quota('tableUnits', Math.max(logger?.writesPerSecond ?? 0, logger?.readsPerSecond ?? 0)),
    // Accounts lie on all partitions by the hash of their ids.
    { ...partitions, todo: partitions.need > partitions.default ? 'come with the throughput' : '' },
    // A data key serves a topic's publisher for five minutes.
    quota('keyRequests', (2 * stages.filter(({ publishesPerSecond }) => publishesPerSecond > 0).length) / 300),
    setting(
      'on Kafka, partitions of each topic',
      busiest,
      'kafkaPartitions',
      settings.kafkaPartitions,
      (raised) => `kafkaPartitions: ${raised}, kafkaPollers: ${Math.ceil(raised / invocationsOfPoller)}, and more than ${onKafka.brokers} brokers of kafka.m7g.large`,
    ),
  ];
}

function inFlightOf({ stage, part, invocationsPerSecond, batch, milliseconds }: StageNeed): number {
  const windowSeconds = services.find(({ name }) => name === stage)?.consumer?.batchingWindowSeconds ?? 0;
  return part === 'consumer' ? invocationsPerSecond * batch * (windowSeconds + milliseconds / 1000) : 0;
}

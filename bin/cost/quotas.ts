import type { Confirmation, Region } from './prices.ts';

/** What AWS allows by default, by Region, and where that was read, as in `prices.ts`. This is the one place with quotas; AWS changes them, so look into Service Quotas before you count on them. */
export const quotasOf = '2026-11-21';

export interface Quota {
  readonly what: string;
  readonly page: string;
  readonly confirmed: Confirmation;
  readonly default: Readonly<Record<Region, number>>;
  /** Whether AWS raises it when asked. */
  readonly isAdjustable: boolean;
}

const everywhere = (value: number): Readonly<Record<Region, number>> => ({ 'us-east-1': value, 'ap-northeast-2': value });

export const quotas = {
  apiRequests: {
    what: 'requests a second, all APIs of the account',
    page: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html',
    confirmed: 'page',
    default: everywhere(10_000),
    isAdjustable: true,
  },
  /** AWS sets it by the quota above. */
  apiBurst: {
    what: 'requests at once above that',
    page: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html',
    confirmed: 'page',
    default: everywhere(5000),
    isAdjustable: false,
  },
  concurrency: {
    what: 'concurrent executions, all functions of the account; a new account begins with fewer',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
    confirmed: 'page',
    default: everywhere(1000),
    isAdjustable: true,
  },
  /** In ten seconds, for each function. */
  concurrencyGrowth: {
    what: 'more concurrent executions of a function in ten seconds',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html',
    confirmed: 'page',
    default: everywhere(1000),
    isAdjustable: false,
  },
  /** Up to the mapping's own `MaximumConcurrency`, from 5. */
  mappingGrowth: {
    what: 'more concurrent batches of a queue in a minute',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html',
    confirmed: 'page',
    default: everywhere(300),
    isAdjustable: false,
  },
  mappingConcurrency: {
    what: 'concurrent batches of a queue',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html',
    confirmed: 'page',
    default: everywhere(1000),
    isAdjustable: false,
  },
  /** Each message of a batch counts. That of us-east-1 was quoted; of Seoul it is the least that is told of such a Region. */
  snsMessages: {
    what: 'messages published a second, all topics of the account',
    page: 'https://docs.aws.amazon.com/general/latest/gr/sns.html',
    confirmed: 'unread',
    default: { 'us-east-1': 30_000, 'ap-northeast-2': 1500 },
    isAdjustable: true,
  },
  /** Calls of SQS itself are nearly unlimited for standard queues. */
  inFlight: {
    what: 'messages of a queue in flight',
    page: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html',
    confirmed: 'unread',
    default: everywhere(120_000),
    isAdjustable: true,
  },
  /** A new table on demand; later twice its highest so far. */
  initialWrites: {
    what: 'write units a second of a new table',
    page: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html',
    confirmed: 'page',
    default: everywhere(4000),
    isAdjustable: false,
  },
  initialReads: {
    what: 'read units a second of a new table',
    page: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html',
    confirmed: 'page',
    default: everywhere(12_000),
    isAdjustable: false,
  },
  tableUnits: {
    what: 'write units a second, and read units a second, of a table on demand',
    page: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html',
    confirmed: 'unread',
    default: everywhere(40_000),
    isAdjustable: true,
  },
  partitionWrites: {
    what: 'write units a second of a partition, and so of an account’s history',
    page: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html',
    confirmed: 'page',
    default: everywhere(1000),
    isAdjustable: false,
  },
  partitionReads: {
    what: 'read units a second of a partition',
    page: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html',
    confirmed: 'page',
    default: everywhere(3000),
    isAdjustable: false,
  },
  keyRequests: {
    what: 'requests of KMS a second, symmetric keys',
    page: 'https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html',
    confirmed: 'page',
    // The least of any Region is told; those of AWS's larger ones are higher.
    default: everywhere(10_000),
    isAdjustable: true,
  },
} as const satisfies Readonly<Record<string, Quota>>;

export type QuotaName = keyof typeof quotas;

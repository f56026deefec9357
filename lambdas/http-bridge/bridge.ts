import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context, MSKEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { expiredPrefix, parkedPrefix, variables } from '../contracts/names.ts';
import { publisherOf } from '../runtime/bus.ts';
import { cachedSecrets } from '../runtime/cached-secrets.ts';
import { dataSchemas, declaredTypesOf } from '../runtime/declared-types.ts';
import { clientDefaults, type Environment, required } from '../runtime/environment.ts';
import { onFailureBucket, recordStore } from '../runtime/kafka/on-failure.ts';
import type { KafkaBatchResponse } from '../runtime/kafka/records.ts';
import { once } from '../runtime/once.ts';
import { failedRecordsOf } from '../runtime/sns/failed-records.ts';
import { tablesClient } from '../runtime/tables.ts';
import { powertools } from '../runtime/telemetry.ts';
import { batchOf, type BridgeParts } from './batch.ts';
import type { CourierParts } from './courier.ts';
import { deployedSubscription } from './deployed-subscription.ts';
import { httpEndpoint } from './endpoint.ts';
import { addressGuard } from './guard.ts';
import { partitionsOf } from './partitions.ts';
import { readSecrets } from './signature.ts';
import { backlogStore, breakerStore } from './store.ts';
import { tickOf } from './tick.ts';

/** What the schedule sends every minute, on SNS. */
interface Tick {
  readonly tick: true;
}

/** What one bus's way makes of its events. */
type Way<E, A> = (event: E, deadline: Date) => Promise<A>;

export const handler = bridgeFunction();

/** The Lambda function of one subscription: it takes the records of its queue, or of its partitions, to the endpoint. */
function bridgeFunction(): (event: SQSEvent | MSKEvent | Tick, context: Context) => Promise<SQSBatchResponse | KafkaBatchResponse | void> {
  return once(async () => {
    const env = process.env;
    const parts = await partsOf(env);
    // Lambda hands each bus's function that bus's events.
    const way = (required(env, variables.bus) === 'kafka' ? fromPartitions(env, parts) : fromQueue(env, parts)) as Way<unknown, SQSBatchResponse | KafkaBatchResponse | void>;
    return async (event, context) => {
      try {
        return await way(event, new Date(Date.now() + context.getRemainingTimeInMillis()));
      } finally {
        parts.telemetry.flush();
      }
    };
  });
}

function fromQueue(env: Environment, courierParts: CourierParts): Way<SQSEvent | Tick, SQSBatchResponse | void> {
  const parts: BridgeParts = {
    ...courierParts,
    backlog: backlogStore(new S3Client(clientDefaults), required(env, variables.backlogBucket), courierParts.subscription.name),
    queue: failedRecordsOf(env),
  };
  const tick = tickOf(parts);
  const take = batchOf(parts, tick);
  return async (event, deadline) => {
    if ('tick' in event) return tick(deadline);
    const failed = await take(event.Records, deadline);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

function fromPartitions(env: Environment, parts: CourierParts): Way<MSKEvent, KafkaBatchResponse> {
  const s3 = new S3Client(clientDefaults);
  const bucket = required(env, variables.onFailureBucket);
  const { name } = parts.subscription;
  return partitionsOf({
    ...parts,
    onFailure: onFailureBucket(s3, bucket, parkedPrefix(name)),
    putAside: recordStore(s3, bucket, expiredPrefix(name)),
    sleep: (milliseconds) => sleep(milliseconds),
  });
}

async function partsOf(env: Environment): Promise<CourierParts> {
  const subscription = deployedSubscription(required(env, variables.subscription));
  const { name, endpoint: url, timeoutSeconds, share, emits, secret, networks } = subscription;
  const now = () => new Date();
  const secretsManager = new SecretsManagerClient(clientDefaults);
  return {
    subscription,
    share,
    services: {
      subscription,
      emits: await dataSchemas(emits, await declaredTypesOf(env)),
      endpoint: httpEndpoint({ url, timeoutMilliseconds: timeoutSeconds * 1000, connections: share, guard: addressGuard(networks) }),
      secrets: cachedSecrets(async () => {
        if (secret === undefined) return [];
        const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: secret }));
        return readSecrets(SecretString ?? '');
      }, now),
      now,
    },
    breakers: breakerStore(tablesClient(), required(env, variables.table('breakers')), name),
    publisher: publisherOf(env, emits),
    telemetry: powertools({ env: required(env, variables.env), service: 'http-bridge', subscription: name }),
    now,
    random: Math.random,
  };
}

import { S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { variables } from '../contracts/names.ts';
import { cachedSecrets } from '../runtime/cached-secrets.ts';
import { dataSchemas, declaredTypesOf } from '../runtime/declared-types.ts';
import { clientDefaults, type Environment, required } from '../runtime/environment.ts';
import { publisherOf } from '../runtime/bus.ts';
import { once } from '../runtime/once.ts';
import { recordQueue } from '../runtime/sns/record-queue.ts';
import { tablesClient } from '../runtime/tables.ts';
import { powertools } from '../runtime/telemetry.ts';
import { batchOf, type BridgeParts } from './batch.ts';
import { deployedSubscription } from './deployed-subscription.ts';
import { httpEndpoint } from './endpoint.ts';
import { addressGuard } from './guard.ts';
import { readSecrets } from './signature.ts';
import { backlogStore, breakerStore } from './store.ts';
import { tickOf } from './tick.ts';

/** What the schedule sends every minute. */
interface Tick {
  readonly tick: true;
}

export const handler = bridgeFunction();

/** The Lambda function of one subscription: it takes its queue's records to the endpoint, and looks after its backlog every minute. */
function bridgeFunction(): (event: SQSEvent | Tick, context: Context) => Promise<SQSBatchResponse | void> {
  return once(async () => {
    const parts = await partsOf(process.env);
    const tick = tickOf(parts);
    const take = batchOf(parts, tick);
    return async (event, context) => {
      const deadline = new Date(Date.now() + context.getRemainingTimeInMillis());
      try {
        if ('tick' in event) return await tick(deadline);
        const failed = await take(event.Records, deadline);
        return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
      } finally {
        parts.telemetry.flush();
      }
    };
  });
}

async function partsOf(env: Environment): Promise<BridgeParts> {
  const subscription = deployedSubscription(required(env, variables.subscription));
  const { name, endpoint: url, timeoutSeconds, share, emits, secret, networks } = subscription;
  const urls = { queue: required(env, variables.queueUrl), deadLetterQueue: required(env, variables.deadLetterQueueUrl) };
  const now = () => new Date();
  const secretsManager = new SecretsManagerClient(clientDefaults);
  return {
    subscription,
    share,
    services: {
      subscription,
      emits: dataSchemas(emits, await declaredTypesOf(env)),
      endpoint: httpEndpoint({ url, timeoutMilliseconds: timeoutSeconds * 1000, connections: share, guard: addressGuard(networks) }),
      secrets: cachedSecrets(async () => {
        if (secret === undefined) return [];
        const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: secret }));
        return readSecrets(SecretString ?? '');
      }, now),
      now,
    },
    breakers: breakerStore(tablesClient(), required(env, variables.table('breakers')), name),
    backlog: backlogStore(new S3Client(clientDefaults), required(env, variables.backlogBucket), name),
    queue: recordQueue(new SQSClient({ ...clientDefaults, useQueueUrlAsEndpoint: false }), urls, Math.random),
    publisher: await publisherOf(env, emits),
    telemetry: powertools('http-bridge', { subscription: name }),
    now,
    random: Math.random,
  };
}

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { backlogPrefix, variables } from '../../lambdas/contracts/names.ts';
import type { Breaker } from '../../lambdas/http-bridge/breaker.ts';
import { deployedSubscription } from '../../lambdas/http-bridge/deployed-subscription.ts';
import type { Buckets } from '../aws/buckets.ts';
import { region } from '../cloudformation.ts';
import type { Party } from './parties.ts';
import type { SubscriptionState } from './types.ts';

/** Reads the breakers of the http-bridge, by subscription. */
export interface BreakerReader {
  read(): Promise<ReadonlyMap<string, Breaker>>;
  close(): void;
}

/** @param url of the DynamoDB behind; nobody's role is asked, because a person looks */
export function breakerReader(url: string, parties: readonly Party[]): BreakerReader {
  const table = parties.flatMap(({ functions }) => functions.map(({ environment }) => environment[variables.table('breakers')])).find((each) => each !== undefined);
  const client = new DynamoDBClient({ endpoint: url, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  const tables = DynamoDBDocumentClient.from(client);
  return {
    read: async () => {
      if (table === undefined) return new Map();
      const { Items = [] } = await tables.send(new ScanCommand({ TableName: table }));
      return new Map((Items as (Breaker & { subscription: string })[]).map((item) => [item.subscription, item]));
    },
    close: () => client.destroy(),
  };
}

/** How the subscriptions are: what their breakers say, and what waits in S3. */
export function readSubscriptions(parties: readonly Party[], breakers: ReadonlyMap<string, Breaker>, buckets: Buckets): SubscriptionState[] {
  return parties.flatMap(({ name, subscription: json, functions }) => {
    if (json === undefined) return [];
    const { owner, endpoint, eventTypes, paused } = deployedSubscription(json);
    const breaker = breakers.get(name);
    const bucket = functions[0]?.environment[variables.backlogBucket];
    const isOpen = breaker?.state === 'open';
    return [
      {
        name,
        owner,
        endpoint: new URL(endpoint).origin,
        eventTypes,
        breaker: paused ? 'paused' : isOpen ? 'open' : 'closed',
        probeAt: isOpen ? breaker.probeAt : null,
        heldBatches: bucket === undefined ? 0 : buckets.count(bucket, backlogPrefix(name)),
      },
    ];
  });
}

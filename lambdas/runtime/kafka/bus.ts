import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { fromEnv } from '@aws-sdk/credential-provider-env';
import { generateAuthTokenFromCredentialsProvider } from 'aws-msk-iam-sasl-signer-js';
import type { MSKEvent } from 'aws-lambda';
import { parkedFolder, variables } from '../../contracts/names.ts';
import { clientDefaults, type Environment, listOf, required } from '../environment.ts';
import type { Inbox } from '../inbox.ts';
import type { Publisher } from '../publisher.ts';
import { areLoopback, type Connection, connectProducer, type Sasl } from './connection.ts';
import { onFailureBucket } from './on-failure.ts';
import { partitionInbox } from './partition-inbox.ts';
import { kafkaPublisher } from './publisher.ts';
import type { KafkaBatchResponse } from './records.ts';

/** The publisher of a function on Kafka. It connects at its first event. */
export const kafkaPublisherOf = (env: Environment, topics: ReadonlyMap<string, string>): Publisher =>
  kafkaPublisher(async () => connectProducer(await connectionOf(env)), topics);

/** Where a consumer's records come from on Kafka. */
export const kafkaInboxOf = (env: Environment): Inbox<MSKEvent, KafkaBatchResponse> =>
  partitionInbox({
    onFailure: onFailureBucket(new S3Client(clientDefaults), required(env, variables.onFailureBucket), parkedFolder),
    now: () => new Date(),
    random: Math.random,
    sleep: (milliseconds) => sleep(milliseconds),
  });

/** TLS, and IAM or a secret: only brokers on this very machine, those of the local run, are dialled without. */
async function connectionOf(env: Environment): Promise<Connection> {
  const brokers = listOf(env, variables.kafkaBrokers);
  if (areLoopback(brokers)) return { brokers };
  return { brokers, tls: true, ...(await saslOf(env)) };
}

async function saslOf(env: Environment): Promise<{ sasl?: Sasl }> {
  if (env[variables.kafkaCluster] !== undefined) {
    const region = required(env, 'AWS_REGION');
    // Of the function's role; a token is good for 15 minutes, and one is made for each authentication.
    const token = async () => (await generateAuthTokenFromCredentialsProvider({ region, awsCredentialsProvider: fromEnv() })).token;
    return { sasl: { mechanism: 'OAUTHBEARER', token } };
  }
  const secret = env[variables.kafkaSecret];
  if (secret === undefined) return {};
  const { SecretString } = await new SecretsManagerClient(clientDefaults).send(new GetSecretValueCommand({ SecretId: secret }));
  // As AWS wants such a secret.
  const { username, password } = JSON.parse(SecretString ?? '{}') as Readonly<Record<string, unknown>>;
  if (typeof username !== 'string' || typeof password !== 'string') throw new Error(`The secret ${secret} must hold username and password.`);
  return { sasl: { mechanism: 'SCRAM-SHA-512', username, password } };
}

import { SQSClient } from '@aws-sdk/client-sqs';
import { variables } from '../../contracts/names.ts';
import { clientDefaults, type Environment, required } from '../environment.ts';
import { recordQueue, type RecordQueue } from './record-queue.ts';

/** The queue of a consumer, and its dead-letter queue, for the records that failed. */
export const failedRecordsOf = (env: Environment): RecordQueue =>
  recordQueue(
    new SQSClient({ ...clientDefaults, useQueueUrlAsEndpoint: false }),
    { queue: required(env, variables.queueUrl), deadLetterQueue: required(env, variables.deadLetterQueueUrl) },
    Math.random,
  );

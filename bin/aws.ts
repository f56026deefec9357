import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { region } from '../local/cloudformation.ts';
import { localCredentials, operatorsPath } from '../local/credentials.ts';

/** Where `--local` looks when it is not told. */
export const localUrl = 'http://127.0.0.1:8787';

/** Clients of the AWS of one's environment, or of the local run. */
export function awsAt(local?: string) {
  const there = local === undefined ? {} : { endpoint: `${local.replace(/\/$/, '')}${operatorsPath}`, region, credentials: localCredentials };
  return {
    ssm: new SSMClient(there),
    // Otherwise the region of a queue's URL would count, which a stand-in for AWS does not know.
    sqs: new SQSClient({ ...there, useQueueUrlAsEndpoint: false }),
    s3: new S3Client({ ...there, ...(local !== undefined && { forcePathStyle: true }) }),
    // A function may have all its concurrency in use, so a throttled call is tried for longer than usual.
    lambda: new LambdaClient({ ...there, maxAttempts: 8 }),
  };
}

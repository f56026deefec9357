import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { subscriptionFile } from '../lambdas/contracts/subscriptions.ts';
import { namesOf } from '../lib/names.ts';
import { onFailureBuckets, parametersBelow } from './deployed.ts';
import { lambdaInvoke } from './dlq/lambda.ts';
import { objectsOf } from './dlq/objects.ts';
import { onKafka } from './dlq/on-kafka.ts';
import { onSns } from './dlq/on-sns.ts';
import type { Undelivered } from './dlq/undelivered.ts';
import { readOptions, refuse } from './options.ts';

const help = `Looks after what could not be delivered, on either bus: events that were parked, and events that waited too long for an endpoint.

npm run dlq -- COMMAND [options]

  list                   how much lies there for each service and subscription, and what was put aside
  show NAME              ids, types and reasons of some of it; it stays there
  redrive NAME           gives it back to the service, or to the subscription's endpoint, and to nobody else
  restore SUBSCRIPTION   gives back the events of a subscription that waited too long; their hold time begins anew

  --env dev              name of the deployment
  --help                 shows this

NAME is a service or, of a subscription, http-bridge-SUBSCRIPTION. On SNS it stands for a dead-letter queue, whose whole name may be given,
too. On Kafka the records of an on-failure bucket go to the service's function at once, and what it does not do stays.

It uses the AWS credentials and region of your environment, which must allow, below loginward-<env>-:
  both       ssm:GetParametersByPath on /loginward/<env>; s3:ListBucket, s3:GetObject, s3:DeleteObject on the bucket of the http-bridge
  on SNS     sqs:ListQueues, GetQueueUrl, GetQueueAttributes, ReceiveMessage, SendMessage, DeleteMessage
  on Kafka   the same of S3 on the on-failure buckets; lambda:InvokeFunction on the functions *-consumer and http-bridge-*
`;

const { values, positionals } = readOptions(help, { env: { type: 'string', default: 'dev' } }, true);
const [command = '', name = ''] = positionals;
const names = namesOf({ env: values.env });
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** What keeps the undelivered of this deployment. */
async function undelivered(): Promise<Undelivered> {
  const parameters = await parametersBelow(names.parameters.all);
  const backlog = parameters.get(names.parameters.backlog);
  if (backlog === undefined) throw new Error(`No deployment ${values.env} is here: there is no parameter ${names.parameters.backlog}.`);
  const s3 = new S3Client({});
  const buckets = onFailureBuckets(parameters, names);
  // Otherwise the region of a queue's URL would count, which a stand-in for AWS does not know.
  if (buckets.size === 0) return onSns({ sqs: new SQSClient({ useQueueUrlAsEndpoint: false }), s3, names, backlog, say });
  return onKafka({
    names,
    onFailure: new Map([...buckets].map(([service, bucket]) => [service, objectsOf(s3, bucket)])),
    bridge: objectsOf(s3, backlog),
    mustDeliver: (subscription) => {
      const deployed = parameters.get(names.parameters.subscription(subscription));
      if (deployed === undefined) throw new Error(`${subscription} is no subscription; npm run dlq -- list shows what lies there.`);
      if (subscriptionFile.parse(JSON.parse(deployed)).paused) throw new Error(`${subscription} is paused, so its function delivers nothing.`);
    },
    invoke: lambdaInvoke(),
    now: () => new Date(),
    sleep: (milliseconds) => sleep(milliseconds),
    say,
  });
}

const commands: Readonly<Record<string, (to: Undelivered) => Promise<void>>> = {
  list: (to) => to.list(),
  show: (to) => to.show(name),
  redrive: (to) => to.redrive(name),
  restore: (to) => to.restore(name),
};
const run = commands[command];
if (!run || (command !== 'list' && name === '')) refuse(help);
try {
  await run(await undelivered());
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

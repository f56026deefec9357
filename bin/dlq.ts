import { DeleteObjectCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  paginateListQueues,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { z } from 'zod';
import { expiredFolder, expiredPrefix, reasonAttribute } from '../lambdas/contracts/names.ts';
import { chunks } from '../lambdas/runtime/chunks.ts';
import { maxEntries } from '../lambdas/runtime/sns/record-queue.ts';
import { namesOf } from '../lib/names.ts';
import { readOptions, refuse } from './options.ts';

const help = `Looks after what could not be delivered: dead-letter queues, and events that waited too long for an endpoint.

npm run dlq -- COMMAND [options]

  list                   the dead-letter queues with how much is in them, and what was put aside
  show QUEUE             ids, types and reasons of some messages of a dead-letter queue; they stay there
  redrive QUEUE          puts all messages of a dead-letter queue back into the queue that they came from
  restore SUBSCRIPTION   puts the events of a subscription that waited too long back into its queue; their hold time begins anew

  --env dev              name of the deployment
  --help                 shows this

It uses the AWS credentials and region of your environment.
`;

const { values, positionals } = readOptions(help, { env: { type: 'string', default: 'dev' } }, true);
const [command = '', name = ''] = positionals;
const names = namesOf({ env: values.env });
// Otherwise the region of a queue's URL would count, which a stand-in for AWS does not know.
const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
const s3 = new S3Client({});
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const isDeadLetterQueue = /-(dead-letters|undelivered)$/;
const urlOf = async (queue: string): Promise<string> => (await sqs.send(new GetQueueUrlCommand({ QueueName: queue }))).QueueUrl ?? '';

async function backlogBucket(): Promise<string> {
  const { Parameter } = await new SSMClient({}).send(new GetParameterCommand({ Name: names.parameters.backlog }));
  return Parameter?.Value ?? '';
}

async function keysBelow(bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
  }
  return keys;
}

async function countOf(url: string): Promise<number> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] }));
  return Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0);
}

async function list(): Promise<void> {
  for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs }, { QueueNamePrefix: names.resource('') })) {
    for (const url of QueueUrls.filter((each) => isDeadLetterQueue.test(each))) {
      say(`${await countOf(url)}\t${url.split('/').at(-1)}`);
    }
  }
  const keys = await keysBelow(await backlogBucket(), expiredFolder);
  for (const [subscription = '', batches] of Map.groupBy(keys, (key) => key.split('/')[1])) say(`${batches.length} batches put aside\t${subscription}`);
}

/** Waits a little: without that SQS asks only some of its servers. */
const receive = async (url: string, visibilitySeconds: number): Promise<Message[]> =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: visibilitySeconds, WaitTimeSeconds: 2, MessageAttributeNames: ['All'] }))).Messages ?? [];

const eventOf = z.object({ id: z.string(), type: z.string() });

async function show(queue: string): Promise<void> {
  const messages = await receive(await urlOf(queue), 1);
  if (messages.length === 0) say('It is empty.');
  for (const { Body = '', MessageAttributes } of messages) {
    const reason = MessageAttributes?.[reasonAttribute]?.StringValue ?? 'received too often';
    say(`${describe(Body)}\t${reason}`);
  }
}

/** Ids and types only: what an event carries is a player's. */
function describe(body: string): string {
  try {
    const { id, type } = eventOf.parse(JSON.parse(body));
    return `${type}\t${id}`;
  } catch {
    return 'not an event\t-';
  }
}

/** Sends bodies to a queue, 10 at a time. @throws when one is not taken */
async function send(url: string, bodies: readonly string[]): Promise<void> {
  for (const batch of chunks(bodies, maxEntries, (body) => Buffer.byteLength(body))) {
    const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    if (Failed.length > 0) throw new Error(`The queue did not take ${Failed.length} messages (${Failed[0]?.Code}); they stay where they are.`);
  }
}

async function redrive(queue: string): Promise<void> {
  if (!isDeadLetterQueue.test(queue)) throw new Error(`${queue} is no dead-letter queue; npm run dlq -- list shows them.`);
  const [from, to] = await Promise.all([urlOf(queue), urlOf(queue.replace(isDeadLetterQueue, '-queue'))]);
  const there = await countOf(from);
  let count = 0;
  // Those that come back meanwhile are for another time.
  while (count < there) {
    const messages = await receive(from, 60);
    if (messages.length === 0) break;
    await send(to, messages.map(({ Body = '' }) => Body));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: from, Entries: messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })) }));
    count += messages.length;
    say(`${count} put back…`);
  }
  say(`${count} messages of ${queue} are on their way again.`);
}

const heldEvents = z.array(z.object({ body: z.string() }));

async function restore(subscription: string): Promise<void> {
  const [bucket, to] = await Promise.all([backlogBucket(), urlOf(`${names.resource('http-bridge', subscription)}-queue`)]);
  let count = 0;
  for (const Key of await keysBelow(bucket, expiredPrefix(subscription))) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    const events = heldEvents.parse(JSON.parse((await Body?.transformToString()) ?? '[]'));
    await send(to, events.map(({ body }) => body));
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    count += events.length;
    say(`${count} put back…`);
  }
  say(`${count} events of ${subscription} are on their way again.`);
}

const commands: Readonly<Record<string, (name: string) => Promise<void>>> = { list, show, redrive, restore };
const run = commands[command];
if (!run || (command !== 'list' && name === '')) refuse(help);
try {
  await run(name);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

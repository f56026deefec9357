import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { subscriptionFile } from '../lambdas/contracts/subscriptions.ts';
import { namesOf } from '../lib/names.ts';
import { visible } from '../lib/visible.ts';
import { localEnv } from '../local/credentials.ts';
import { awsAt, localUrl } from './aws.ts';
import { onFailureBuckets, parametersBelow } from './deployed.ts';
import { commandsOf } from './dlq/commands.ts';
import { lambdaInvoke } from './dlq/lambda.ts';
import { objectsOf } from './dlq/objects.ts';
import { onKafka } from './dlq/on-kafka.ts';
import { onSns } from './dlq/on-sns.ts';
import type { Progress, Undelivered } from './dlq/undelivered.ts';
import { readOptions, refuse, withFallback } from './options.ts';

const help = `Looks after what could not be delivered, on either bus: events that were parked, and events that waited too long for an endpoint.

npm run dlq -- COMMAND [options]

  list                   how much lies there for each service and subscription, and since when
  show NAME              ids, types and reasons of up to 100; they stay there
  redrive NAME           gives it back to the service, or to the subscription's endpoint, and to nobody else
  restore SUBSCRIPTION   gives back the events of a subscription that waited too long; their hold time begins anew
  discard NAME           removes it for good; wants --reason

  --only TYPE            only events of this type
  --id ID                only this event, as show tells its id: the event's own when it is a UUID, otherwise its message's or record's
  --dry-run              redrive, restore, discard: says what would be done, and does nothing
  --aside                show, discard: NAME is a subscription, and what of it waited too long is meant
  --words                show: an endpoint's own words, too, which may repeat what it was sent
  --reason TEXT          discard: why
  --log FILE             discard: where the record is kept, a line of JSON for each few events; dlq-discarded.jsonl
  --env dev              name of the deployment
  --local [URL]          the local run in place of AWS; ${localUrl}
  --help                 shows this

NAME is a service or, of a subscription, http-bridge-SUBSCRIPTION. On SNS it stands for a dead-letter queue, whose whole name may be given,
too. On Kafka the records of an on-failure bucket go to the service's function at once, and what it does not do stays.
What is discarded is told before it goes, by id, type and reason, on standard output and in the file of --log: keep that with your audit records.

It uses the AWS credentials and region of your environment, which must allow, below loginward-<env>-:
  both       ssm:GetParametersByPath on /loginward/<env>; s3:ListBucket, GetObject, PutObject, DeleteObject on the bucket of the http-bridge
  on SNS     sqs:ListQueues, GetQueueUrl, GetQueueAttributes, ReceiveMessage, ChangeMessageVisibility, SendMessage, DeleteMessage
  on Kafka   the same of S3 on the on-failure buckets; lambda:InvokeFunction on the functions *-consumer and http-bridge-*
`;

const isUrl = (text: string): boolean => /^https?:\/\//.test(text);
const { values, positionals } = readOptions(
  help,
  {
    env: { type: 'string' },
    local: { type: 'string' },
    only: { type: 'string' },
    id: { type: 'string' },
    reason: { type: 'string', default: '' },
    log: { type: 'string', default: 'dlq-discarded.jsonl' },
    'dry-run': { type: 'boolean', default: false },
    aside: { type: 'boolean', default: false },
    words: { type: 'boolean', default: false },
  },
  true,
  withFallback(process.argv.slice(2), '--local', localUrl, isUrl),
);
const [command = '', name = ''] = positionals;
if (values.local !== undefined && !isUrl(values.local)) refuse(`--local: ${values.local} is no URL, such as ${localUrl}.`);
const { env = values.local === undefined ? 'dev' : localEnv } = values;
const names = namesOf({ env });
const say = (line: string): void => {
  process.stdout.write(`${visible(line)}\n`);
};

/** Long work says every two seconds how far it is. */
let toldAt = Date.now();
const progress: Progress = (done, all) => {
  if (Date.now() - toldAt < 2000) return;
  toldAt = Date.now();
  process.stderr.write(`${done} of ${all}…\n`);
};

/** What keeps the undelivered of this deployment. */
async function undelivered(): Promise<Undelivered> {
  const { ssm, sqs, s3, lambda } = awsAt(values.local);
  const parameters = await parametersBelow(names.parameters.all, ssm);
  const backlog = parameters.get(names.parameters.backlog);
  if (backlog === undefined) throw new Error(`No deployment ${env} is here: there is no parameter ${names.parameters.backlog}.`);
  const buckets = onFailureBuckets(parameters, names);
  if (buckets.size === 0) return onSns({ sqs, s3, names, backlog, progress });
  return onKafka({
    names,
    onFailure: new Map([...buckets].map(([service, bucket]) => [service, objectsOf(s3, bucket)])),
    bridge: objectsOf(s3, backlog),
    mustDeliver: (subscription) => {
      const deployed = parameters.get(names.parameters.subscription(subscription));
      if (deployed === undefined) throw new Error(`${subscription} is no subscription; npm run dlq -- list shows what lies there.`);
      if (subscriptionFile.parse(JSON.parse(deployed)).paused) throw new Error(`${subscription} is paused, so its function delivers nothing.`);
    },
    invoke: lambdaInvoke(lambda),
    now: () => new Date(),
    sleep: (milliseconds) => sleep(milliseconds),
    progress,
  });
}

/** Asks only where somebody can answer. */
async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

type Commands = ReturnType<typeof commandsOf>;
const options = { id: values.id, type: values.only, isAside: values.aside, isDryRun: values['dry-run'], showsWords: values.words };
const commands: Readonly<Record<string, (to: Commands) => Promise<void>>> = {
  list: (to) => to.list(),
  show: (to) => to.show(name, options),
  redrive: (to) => to.redrive(name, options),
  restore: (to) => to.restore(name, options),
  discard: (to) => to.discard(name, values.reason.trim(), options),
};
const run = commands[command];
if (!run || positionals.length > 2 || (command !== 'list' && name === '')) refuse(help);
if (command === 'discard' && !values['dry-run'] && values.reason.trim() === '') refuse('discard wants --reason "why it may go": what is discarded is gone for good.');
try {
  const keep = (discarded: object): string => {
    appendFileSync(values.log, `${JSON.stringify(discarded)}\n`);
    return values.log;
  };
  await run(commandsOf({ undelivered: await undelivered(), env, now: () => new Date(), say, confirm, keep }));
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  process.stderr.write(values.local !== undefined && code === 'ECONNREFUSED' ? `Nothing answers at ${values.local}; npm start starts the local run.\n` : `${visible(message)}\n`);
  process.exitCode = 1;
}

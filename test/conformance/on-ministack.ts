import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetQueueUrlCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { eventType, reasonAttribute, topicOf } from '../../lambdas/contracts/names.ts';
import { environmentOf, root, startMiniStack } from '../engines/engines.ts';
import { apiClient } from '../support/local-client.ts';
import type { ConformanceBus } from './suite.ts';
import { tablesAt } from './tables.ts';

/** The probes deployed to MiniStack by `cdk deploy`. */
export async function startOnMiniStack(): Promise<ConformanceBus & { remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'loginward-conformance-'));
  const engine = await startMiniStack();
  const env = { ...environmentOf(engine), BUNDLES: join(folder, 'functions') };
  const cdk = (...args: string[]) => promisify(execFile)('cdk', args, { cwd: root, maxBuffer: 64 * 1024 * 1024, env });
  await cdk('bootstrap', 'aws://000000000000/us-east-1', '--output', join(folder, 'bootstrap'));
  await cdk('deploy', '--all', '--app', `node --disable-warning=ExperimentalWarning ${join('test', 'conformance', 'app.ts')}`, '--require-approval', 'never', '--output', join(folder, 'cdk.out'));
  const client = { endpoint: engine.url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const ssm = new SSMClient(client);
  const parameter = async (Name: string): Promise<string> => (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value ?? '';
  const sns = new SNSClient(client);
  const sqs = new SQSClient({ ...client, useQueueUrlAsEndpoint: false });
  const topic = await parameter(`/loginward/dev/bus/topic/${topicOf(eventType('password.changed'))}`);
  const prefix = 'loginward-dev-';
  /** What was received, so that a look takes nothing from the next. */
  const seen = new Map<string, Map<string, Message>>();
  return {
    api: apiClient(`${engine.url}/_aws/execute-api/${await parameter('/loginward/dev/api/id')}/$default`),
    tables: tablesAt(engine.url),
    prefix,
    put: async ({ value, headers = {} }) => {
      if (value === null) return;
      const attributes = Object.entries(headers).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]);
      await sns.send(new PublishCommand({ TopicArn: topic, Message: value, MessageAttributes: Object.fromEntries(attributes) }));
    },
    parked: async (probe) => {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${prefix}${probe}-dead-letters` }));
      const known = seen.get(probe) ?? new Map<string, Message>();
      seen.set(probe, known);
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 1, MessageAttributeNames: ['All'] }));
      for (const message of Messages) known.set(message.MessageId ?? '', message);
      return [...known.values()].map(({ Body = '', MessageAttributes }) => ({ value: Body, reason: MessageAttributes?.[reasonAttribute]?.StringValue }));
    },
    remove: async () => {
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reasonAttribute } from '../../lambdas/contracts/names.ts';
import type { NewMessage } from '../../local/aws/messages.ts';
import { startDynamoDb } from '../../local/aws/dynamodb.ts';
import { openDatabase } from '../../local/state.ts';
import { apiClient } from '../support/local-client.ts';
import type { Asked } from './local-process.ts';
import type { ConformanceBus } from './suite.ts';
import { tablesAt } from './tables.ts';

/** The probes on SNS and SQS of the local run, which is a process of its own. */
export async function startOnSns(): Promise<ConformanceBus & { remove(): Promise<void> }> {
  const data = await mkdtemp(join(tmpdir(), 'loginward-conformance-'));
  await mkdir(join(data, 'probes'));
  const database = openDatabase(join(data, 'probes'));
  const dynamo = await startDynamoDb(database);
  const prefix = 'loginward-local-';
  let child: ChildProcess;
  let url = '';
  const start = async (port: string): Promise<void> => {
    child = fork(join(import.meta.dirname, 'local-process.ts'), [port, join(data, 'run'), dynamo.url], { execArgv: ['--disable-warning=ExperimentalWarning'] });
    const [{ url: said }] = (await once(child, 'message')) as [{ url: string }];
    url = said;
  };
  await start('0');
  let asked = 0;
  const ask = async <T>(call: Asked['call'], ...args: string[]): Promise<T> => {
    const id = (asked += 1);
    const { promise, resolve } = Promise.withResolvers<T>();
    const listen = (message: { id: number; answer: T }): void => {
      if (message.id !== id) return;
      child.off('message', listen);
      resolve(message.answer);
    };
    child.on('message', listen);
    child.send({ id, call, args } satisfies Asked);
    return promise;
  };
  return {
    get api() {
      return apiClient(url);
    },
    tables: tablesAt(dynamo.url),
    prefix,
    // A queue takes no message without a body, and knows no keys; what other producers say beside it, nobody reads.
    put: async ({ value }) => {
      if (value === null) return;
      for (const probe of ['probe-one', 'probe-two']) await ask('send', `${prefix}${probe}-queue`, value);
    },
    parked: async (probe) =>
      (await ask<NewMessage[]>('peek', `${prefix}${probe}-dead-letters`)).map(({ body, attributes }) => ({ value: body, reason: attributes?.[reasonAttribute]?.StringValue })),
    kill: (probe) => ask<boolean>('kill', `${prefix}${probe}-consumer`),
    crash: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await start(new URL(url).port);
    },
    remove: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
      await dynamo.close();
      database.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}

import { startLocal } from '../../local/run.ts';
import { probes } from './table.ts';

/**
 * The deployment of the probes on SNS and SQS as a process of its own, which a test can kill. Arguments: port, folder of the state, URL of
 * the tables. It tells its parent when it is ready, and does what its parent asks.
 */
export interface Asked {
  readonly id: number;
  readonly call: 'send' | 'peek' | 'kill';
  readonly args: readonly string[];
}

const [, , port = '0', data = '', tablesUrl = ''] = process.argv;
const local = await startLocal({ port: Number(port), data, tablesUrl, table: probes });
const calls: Readonly<Record<Asked['call'], (...args: string[]) => unknown>> = {
  send: (queue = '', body = '') => local.send(queue, body),
  peek: (queue = '') => local.peek(queue),
  kill: (name = '') => local.kill(name, Math.random),
};
process.on('message', ({ id, call, args }: Asked) => process.send?.({ id, answer: calls[call](...args) ?? null }));
process.on('disconnect', () => void local.close().then(() => process.exit()));
process.send?.({ url: local.url });

import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Meter } from '../aws/meter.ts';
import type { Measures } from '../cloudwatch/measures.ts';
import type { Function } from '../model.ts';
import { region } from '../cloudformation.ts';

/** What a pool tells one of its processes. */
export interface Invocation {
  readonly requestId: string;
  readonly event: unknown;
  /** Epoch milliseconds. */
  readonly deadline: number;
}

/** What the process answers, with the CPU that it took since its last answer. */
export type Answer = Ending & { readonly cpuMicroseconds: number };

/** How an invocation ended. */
export type Ending = { readonly requestId: string } & ({ readonly result: unknown } | { readonly error: string });

/** The invocation ended without an answer of the function: it failed, its time was over, or its process died. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
}

/** A Lambda function: up to so many processes that each run the deployed bundle, one invocation at a time. */
export interface Pool {
  /** @throws FunctionError */
  invoke(event: unknown): Promise<unknown>;
  /** Invocations that run or wait. */
  readonly busy: number;
  /** Kills a process at once, as a machine that goes down would. @returns whether there was one that worked */
  kill(random: () => number): boolean;
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly endpointUrl: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The function's standard output, which is its log group. */
  readonly logFile: string;
  readonly maxProcesses: number;
  readonly meter: Meter;
  readonly measures: Measures;
  /** Whether Lambda has no concurrency left for it; then it is not invoked. */
  readonly isThrottled: () => boolean;
  /** More arguments of Node for the next process. */
  readonly nodeArguments: () => readonly string[];
}

interface Worker {
  readonly process: ChildProcess;
  current: { readonly requestId: string; readonly settle: (answer: Answer | FunctionError) => void } | undefined;
}

type Job = (worker: Worker) => void;

/** How long a process of an ended run may take to end by itself, in milliseconds. */
const graceMilliseconds = 2000;

/** Makes a pool without a process: the first invocation is a cold start, as on AWS. */
export function functionPool(target: Function, { endpointUrl, credentials, logFile, maxProcesses, meter, measures, isThrottled, nodeArguments }: PoolOptions): Pool {
  const workers = new Set<Worker>();
  const waiting: Job[] = [];
  let busy = 0;
  let running = 0;
  let isClosed = false;
  const log = openSync(logFile, 'a', 0o600);

  const start = (): Worker => {
    const [file = '', exportName = ''] = target.handler.split('.');
    const child = fork(join(import.meta.dirname, 'worker.ts'), [join(target.codePath, `${file}.js`), exportName], {
      execArgv: ['--disable-warning=ExperimentalWarning', '--enable-source-maps', `--max-old-space-size=${target.memoryMiB}`, ...nodeArguments()],
      // No terminal signal reaches it: it ends when its work is done.
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      env: {
        ...target.environment,
        AWS_ENDPOINT_URL: endpointUrl,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_LAMBDA_FUNCTION_NAME: target.name,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(target.memoryMiB),
        LOCAL_FUNCTION_ARN: target.arn,
      },
    });
    const worker: Worker = { process: child, current: undefined };
    workers.add(worker);
    child.on('message', (answer: Answer) => {
      meter.addCpu(target.name, answer.cpuMicroseconds / 1e6);
      if (answer.requestId === worker.current?.requestId) worker.current.settle(answer);
    });
    child.on('exit', () => {
      workers.delete(worker);
      worker.current?.settle(new FunctionError(`A process of ${target.name} ended.`));
      // Whoever waits for a free process must not wait for one that is gone.
      if (workers.size < maxProcesses && !isClosed) waiting.shift()?.(start());
    });
    child.on('error', () => child.kill('SIGKILL'));
    return worker;
  };

  /** Gives a job to a process that is free, now or as soon as there is one. */
  const assign = (job: Job): void => {
    const idle = [...workers].find(({ current, process: { connected } }) => current === undefined && connected);
    if (idle) job(idle);
    else if (workers.size < maxProcesses) job(start());
    else waiting.push(job);
  };

  const run = (worker: Worker, event: unknown): Promise<unknown> => {
    const requestId = randomUUID();
    const begin = performance.now();
    running += 1;
    measures.running(target.name, running);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => worker.process.kill('SIGKILL'), target.timeoutSeconds * 1000);
      worker.current = {
        requestId,
        settle: (answer) => {
          clearTimeout(timer);
          worker.current = undefined;
          running -= 1;
          measures.invoked(target.name, { milliseconds: performance.now() - begin, failed: !('result' in answer) });
          if (worker.process.connected) waiting.shift()?.(worker);
          if ('result' in answer) resolve(answer.result);
          else reject(answer instanceof FunctionError ? answer : new FunctionError('error' in answer ? answer.error : ''));
        },
      };
      const invocation: Invocation = { requestId, event, deadline: Date.now() + target.timeoutSeconds * 1000 };
      worker.process.send(invocation, (error) => {
        if (error) worker.current?.settle(new FunctionError(error.message));
      });
    });
  };

  return {
    get busy() {
      return busy;
    },
    invoke: async (event) => {
      if (isThrottled()) {
        measures.throttled(target.name);
        throw new FunctionError('Rate Exceeded.');
      }
      meter.add('invocations', 1);
      busy += 1;
      try {
        return await new Promise((resolve, reject) => {
          assign((worker) => {
            run(worker, event).then(resolve, reject);
          });
        });
      } finally {
        busy -= 1;
      }
    },
    kill: (random) => {
      const working = [...workers].filter(({ current }) => current !== undefined);
      return working[Math.floor(random() * working.length)]?.process.kill('SIGKILL') ?? false;
    },
    close: async () => {
      isClosed = true;
      await Promise.all(
        [...workers].map(async ({ process: child }) => {
          const timer = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds);
          if (child.connected) child.disconnect();
          if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
          clearTimeout(timer);
        }),
      );
      closeSync(log);
    },
  };
}

import { pathToFileURL } from 'node:url';
import type { Answer, Ending, Invocation } from './pool.ts';

/**
 * A process that stands for one Lambda container: it imports one bundle, and runs one invocation after the other. What starts it
 * gives the bundle's file and the name of its export as arguments.
 */
const [, , file = '', exportName = 'handler'] = process.argv;

// A full disk costs lines of the log, and not the process.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

// When the local run is gone, nobody waits for an answer.
process.on('disconnect', () => process.exit());

const bundle = (await import(pathToFileURL(file).href)) as Record<string, (event: unknown, context: unknown) => Promise<unknown>>;
const handler = bundle[exportName];
if (!handler) throw new Error(`${file} has no export ${exportName}.`);

let counted = 0;
const answer = (ending: Ending): void => {
  const { user, system } = process.cpuUsage();
  process.send?.({ ...ending, cpuMicroseconds: user + system - counted } satisfies Answer);
  counted = user + system;
};

process.on('message', ({ event, requestId, deadline }: Invocation) => {
  const context = {
    awsRequestId: requestId,
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: '$LATEST',
    invokedFunctionArn: process.env['LOCAL_FUNCTION_ARN'],
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  Promise.resolve()
    .then(() => handler(event, context))
    .then(
      // As Lambda answers for a function that returns nothing.
      (result) => answer({ requestId, result: result ?? null }),
      (error: unknown) => {
        console.error(JSON.stringify({ level: 'ERROR', message: 'The function failed', reason: error instanceof Error ? error.stack : String(error) }));
        answer({ requestId, error: error instanceof Error ? error.name : 'Error' });
      },
    );
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';
import { type Service, services } from '../lib/services.ts';
import { billed } from '../local/aws/meter.ts';
import { region } from '../local/cloudformation.ts';
import { localCredentials } from '../local/credentials.ts';
import { startLocal } from '../local/run.ts';
import { readOptions, refuse } from '../bin/options.ts';
import { benchBuses } from './buses.ts';
import { benchDeliveries } from './deliveries.ts';
import { benchLocks } from './locks.ts';

const help = `Measures what the promises say of cost and speed, on this machine.

npm run bench                  billed requests of a login, deliveries of the http-bridge, how soon a login abroad locks
npm run bench -- --bus kafka   logins per CPU-second of the functions, on SNS/SQS and on a real Kafka, in one run; needs Java and Maven

  --rounds 3   how often each bus is measured
  --help       shows this
`;

/**
 * `npm run bench`: billed AWS requests of a login from home, counted at the local AWS endpoints, how soon a login abroad locks, and the deliveries of the http-bridge. Two
 * chains are measured in one run: logins posted ten at a time through the batches of the table of services, and the same logins one
 * at a time with batches of one.
 */
const logins = 2000;
const perSecond = 400;

/** The promise: at most so many billed requests for a login from home that was posted with nine others. */
const promised = 3.5;

async function measure(perPost: number, table: readonly Service[]): Promise<Record<string, number>> {
  const data = await mkdtemp(join(tmpdir(), 'loginward-bench-'));
  const local = await startLocal({ port: 0, data, table });
  const aws = new AwsClient({ ...localCredentials, region, service: 'execute-api' });
  const start = Date.now();
  try {
    for (let posted = 0; posted < logins; ) {
      // A steady stream, neither a trickle nor a backlog.
      while (((Date.now() - start) / 1000) * perSecond < posted) await new Promise((done) => setTimeout(done, 5));
      const count = Math.min(40, logins - posted);
      const requests = Array.from({ length: count / perPost }, (_, request) => {
        const body = Array.from({ length: perPost }, (__, index) => ({ accountId: `account-${(posted + request * perPost + index) % 500}`, ip: '1.201.1.1' }));
        return aws.fetch(`${local.url}/v1/logins`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(perPost === 1 ? body[0] : body),
        });
      });
      for (const response of await Promise.all(requests)) if (response.status !== 202) throw new Error(`A post answered ${response.status}.`);
      posted += count;
    }
    await local.whenIdle();
    return local.meter.read();
  } finally {
    await local.close();
    await rm(data, { recursive: true, force: true });
  }
}

// The canary would be counted, too, in a run of more than a minute.
const chain = services.filter(({ schedule }) => !schedule);
const oneByOne = chain.map((service) => ({ ...service, ...(service.consumer && { consumer: { ...service.consumer, batchSize: 1, batchingWindowSeconds: 0 } }) }));

async function benchCosts(): Promise<void> {
  // First, while nothing else has been in this process: it measures CPU.
  if (!(await benchDeliveries())) process.exitCode = 1;

  console.log('');
  console.log(`Billed AWS requests for a login from home; ${logins} logins, ${perSecond} a second at most, empty polls apart\n`);
  const batched = await measure(10, chain);
  const single = await measure(1, oneByOne);
  const line = (what: string, a: number, b: number) => console.log(`${what.padEnd(24)}${a.toFixed(2).padStart(12)}${b.toFixed(2).padStart(16)}`);
  console.log(`${''.padEnd(24)}${'ten at a time'.padStart(12)}${'one at a time'.padStart(16)}`);
  for (const what of billed) line(what, (batched[what] ?? 0) / logins, (single[what] ?? 0) / logins);
  const total = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b) / logins;
  line('all', total(batched), total(single));
  console.log(`\nThe promise is at most ${promised}; it took ${total(batched).toFixed(2)}, and ${(total(single) / total(batched)).toFixed(1)} times as many without batches.`);
  if (total(batched) > promised) process.exitCode = 1;

  console.log('');
  if (!(await benchLocks())) process.exitCode = 1;
}

const { values } = readOptions(help, { bus: { type: 'string', default: 'sns' }, rounds: { type: 'string', default: '3' } });
if (values.bus === 'kafka') await benchBuses(Number(values.rounds));
else if (values.bus === 'sns') await benchCosts();
else refuse('--bus must be sns or kafka.');

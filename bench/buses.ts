import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';
import { billed } from '../local/aws/meter.ts';
import { region } from '../local/cloudformation.ts';
import { localCredentials } from '../local/credentials.ts';
import { fetchKafka, startBroker } from '../local/kafka/broker.ts';
import { startLocal } from '../local/run.ts';

/** Logins that are measured, and those that go ahead, so that every function has started. */
const logins = 4000;
const ahead = 500;
const perPost = 10;
/** Posts that are on their way at once. */
const atOnce = 4;

interface Measured {
  /** Seconds of CPU by function. */
  readonly cpu: ReadonlyMap<string, number>;
  readonly bills: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/**
 * The same logins from home through the same functions on SNS/SQS and on a real Kafka, in turns: how many logins a CPU-second of the functions
 * carries. Brokers, queues and tables are apart: on AWS they are others' machines.
 */
export async function benchBuses(rounds: number): Promise<void> {
  const measured: Record<'sns' | 'kafka', Measured[]> = { sns: [], kafka: [] };
  for (let round = 0; round < rounds; round += 1) {
    measured.sns.push(await measure('sns'));
    measured.kafka.push(await measureOnKafka());
  }
  const of = (bus: 'sns' | 'kafka') => {
    const perSecond = measured[bus].map(({ cpu }) => logins / sum(cpu.values())).toSorted((a, b) => a - b);
    return { perSecond: perSecond[Math.floor(perSecond.length / 2)] ?? Number.NaN, all: measured[bus] };
  };
  const [sns, kafka] = [of('sns'), of('kafka')];
  console.log(`Logins per CPU-second of the functions; ${logins} logins from home, posted ten at a time, ${rounds} rounds, the median\n`);
  const line = (what: string, a: string, b: string) => console.log(`${what.padEnd(34)}${a.padStart(10)}${b.padStart(10)}`);
  line('', 'SNS/SQS', 'Kafka');
  line('logins per CPU-second', sns.perSecond.toFixed(0), kafka.perSecond.toFixed(0));
  const names = [...new Set([...sns.all, ...kafka.all].flatMap(({ cpu }) => [...cpu.keys()]))].toSorted();
  const perThousand = (all: readonly Measured[], name: string) => (sum(all.map(({ cpu }) => cpu.get(name) ?? 0)) / all.length / logins) * 1000;
  for (const name of names) {
    const [a, b] = [perThousand(sns.all, name), perThousand(kafka.all, name)];
    if (a + b > 0.005) line(`  CPU-s per 1,000: ${name.replace('loginward-local-', '')}`, a.toFixed(2), b.toFixed(2));
  }
  for (const what of billed) {
    const each = (all: readonly Measured[]) => (sum(all.map(({ bills }) => bills[what] ?? 0)) / all.length / logins).toFixed(2);
    line(`  ${what} per login`, each(sns.all), each(kafka.all));
  }
  const wall = (all: readonly Measured[]) => (logins / (sum(all.map(({ seconds }) => seconds)) / all.length)).toFixed(0);
  line('  logins per second on this machine', wall(sns.all), wall(kafka.all));
  console.log(`\nA CPU-second carries ${(kafka.perSecond / sns.perSecond).toFixed(2)} times as many logins on Kafka.`);
}

async function measureOnKafka(): Promise<Measured> {
  const data = await mkdtemp(join(tmpdir(), 'loginward-bench-kafka-'));
  const broker = await startBroker({ libraries: await fetchKafka(console.log), port: 0, data });
  try {
    return await measure('kafka', broker.brokers);
  } finally {
    await broker.stop();
    await rm(data, { recursive: true, force: true });
  }
}

async function measure(bus: 'sns' | 'kafka', brokers?: string): Promise<Measured> {
  const data = await mkdtemp(join(tmpdir(), 'loginward-bench-'));
  const local = await startLocal({ port: 0, data, bus, ...(brokers !== undefined && { brokers }) });
  const aws = new AwsClient({ ...localCredentials, region, service: 'execute-api' });
  let posted = 0;
  const post = async (count: number): Promise<void> => {
    const end = posted + count;
    const work = async (): Promise<void> => {
      while (posted < end) {
        const body = Array.from({ length: perPost }, (_, index) => ({ accountId: `account-${(posted + index) % 500}`, ip: '1.201.1.1' }));
        posted += perPost;
        const { status } = await aws.fetch(`${local.url}/v1/logins`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
        if (status !== 202) throw new Error(`A post answered ${status}.`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    await local.whenIdle();
  };
  try {
    await post(ahead);
    const before = { cpu: local.meter.readCpu(), bills: local.meter.read() };
    const start = performance.now();
    await post(logins);
    const seconds = (performance.now() - start) / 1000;
    const cpu = new Map([...local.meter.readCpu()].map(([name, value]) => [name, value - (before.cpu.get(name) ?? 0)]));
    const bills = Object.fromEntries(Object.entries(local.meter.read()).map(([what, value]) => [what, value - (before.bills[what as keyof typeof before.bills] ?? 0)]));
    return { cpu, bills, seconds };
  } finally {
    await local.close();
    await rm(data, { recursive: true, force: true });
  }
}

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { billed } from '../local/aws/meter.ts';
import { fetchKafka, startBroker } from '../local/kafka/broker.ts';
import type { LocalOptions } from '../local/run.ts';
import { table, type Taken, withChain, worker } from './chain.ts';
import { count, median, sum } from './figures.ts';
import type { Benchmark, Section, Tools } from './report.ts';

/** Logins that are measured, and those that go ahead, so that every function has started. */
const logins = 4000;
const ahead = 500;
const perPost = 10;
const rounds = 3;

/**
 * The same logins from home through the same functions on SNS/SQS and on a real Kafka, in turns: how many logins a CPU-second of the functions
 * carries. Brokers, queues and tables are apart: on AWS they are others' machines.
 */
export const buses: Benchmark = { name: 'buses', about: 'logins per CPU-second of the functions, on SNS/SQS and on a real Kafka', needs: 'Java and Maven', run: measure };

async function measure({ progress }: Tools): Promise<readonly Section[]> {
  const measured: Record<'sns' | 'kafka', Taken[]> = { sns: [], kafka: [] };
  for (let round = 1; round <= rounds; round += 1) {
    progress(`round ${round} of ${rounds}`);
    measured.sns.push(await measureWarm({}));
    measured.kafka.push(await measureOnKafka(progress));
  }
  const of = (bus: 'sns' | 'kafka') => {
    return { perSecond: median(measured[bus].map(({ cpu }) => logins / sum(cpu.values()))), all: measured[bus] };
  };
  const [sns, kafka] = [of('sns'), of('kafka')];
  const names = [...new Set([...sns.all, ...kafka.all].flatMap(({ cpu }) => [...cpu.keys()]))].toSorted();
  const both = (what: string, each: (all: readonly Taken[]) => number, digits: number): string[] => [what, each(sns.all).toFixed(digits), each(kafka.all).toFixed(digits)];
  const perThousand = (name: string) => (all: readonly Taken[]) => (sum(all.map(({ cpu }) => cpu.get(name) ?? 0)) / all.length / logins) * 1000;
  const used = names.filter((name) => perThousand(name)(sns.all) + perThousand(name)(kafka.all) > 0.005);
  return [
    {
      title: 'SNS and SQS beside Kafka',
      text: `${count(logins)} logins from home, ${perPost} in a request, in turns on both; ${rounds} rounds, the median of the first line and the mean of the others. A CPU-second of the functions carries ${(kafka.perSecond / sns.perSecond).toFixed(2)} times as many logins on Kafka.`,
      columns: ['', 'SNS/SQS', 'Kafka'],
      rows: [
        ['logins per CPU-second', sns.perSecond.toFixed(0), kafka.perSecond.toFixed(0)],
        ...used.map((name) => both(`CPU-seconds per 1,000: ${name.replace('loginward-local-', '')}`, perThousand(name), 2)),
        ...billed.map((what) => both(`${what} per login`, (all) => sum(all.map(({ bills }) => bills[what])) / all.length / logins, 2)),
        both('logins per second on this machine', (all) => logins / (sum(all.map(({ seconds }) => seconds)) / all.length), 0),
      ],
      promises: [],
    },
  ];
}

async function measureOnKafka(progress: Tools['progress']): Promise<Taken> {
  const data = await mkdtemp(join(tmpdir(), 'loginward-bench-kafka-'));
  const broker = await startBroker({ libraries: await fetchKafka(progress), port: 0, data });
  try {
    return await measureWarm({ bus: 'kafka', brokers: broker.brokers });
  } finally {
    await broker.stop();
    await rm(data, { recursive: true, force: true });
  }
}

/** Measures logins from home through a chain that has started. */
const measureWarm = (options: Partial<LocalOptions>): Promise<Taken> =>
  withChain({ table, ...options }, async (chain) => {
    const work = worker(chain, perPost);
    await work(ahead);
    return work(logins);
  });

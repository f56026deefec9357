import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '../lib/services.ts';
import { type Billed, billed } from '../local/aws/meter.ts';
import { type LocalOptions, type LocalRun, startLocal } from '../local/run.ts';
import { sum } from './figures.ts';
import { awsClient, homeAddress } from './load.ts';

/** A chain in a local run, and how it is called. */
export interface Chain {
  readonly local: LocalRun;
  /** Folder of the functions' logs. */
  readonly logs: string;
  /** Posts JSON by AWS IAM. @throws for another status than 2xx */
  call(path: string, body: unknown, contentType?: string): Promise<void>;
}

/** All services but the canary, which would be counted in a run of more than a minute. */
export const table = services.filter(({ schedule }) => !schedule);

/** Starts a local run in a folder of its own, for as long as it is used. */
export async function withChain<T>(options: Partial<LocalOptions>, use: (chain: Chain) => Promise<T>): Promise<T> {
  const data = await mkdtemp(join(tmpdir(), 'loginward-bench-'));
  let local: LocalRun | undefined;
  try {
    local = await startLocal({ port: 0, data, ...options });
    const { url } = local;
    const aws = awsClient();
    const call = async (path: string, body: unknown, contentType = 'application/json'): Promise<void> => {
      const response = await aws.fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': contentType }, body: JSON.stringify(body) });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${path} answered ${response.status}.`);
    };
    return await use({ local, logs: join(data, 'logs'), call });
  } finally {
    await local?.close();
    await rm(data, { recursive: true, force: true });
  }
}

const accounts = 500;

/** Posts logins from home of some accounts, one after the other; the single one of a request as an object. */
export function loginsOf({ call }: Chain): (count: number) => Promise<void> {
  let posted = 0;
  return (count) => {
    const logins = Array.from({ length: count }, (_, index) => ({ accountId: `account-${(posted + index) % accounts}`, ip: homeAddress }));
    posted += count;
    return call('/v1/logins', count === 1 ? logins[0] : logins);
  };
}

/** Posts so many as fast as so many requests at once are answered. */
async function inParallel(logins: number, perPost: number, atOnce: number, post: (count: number) => Promise<void>): Promise<void> {
  let left = logins;
  const work = async (): Promise<void> => {
    while (left > 0) {
      const count = Math.min(perPost, left);
      left -= count;
      await post(count);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** Posts so many in a steady stream, neither a trickle nor a backlog. */
export async function steadily(logins: number, perPost: number, perSecond: number, post: (count: number) => Promise<void>): Promise<void> {
  const start = performance.now();
  const answers: Promise<void>[] = [];
  for (let posted = 0; posted < logins; posted += perPost) {
    const wait = (posted / perSecond) * 1000 - (performance.now() - start);
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    answers.push(post(Math.min(perPost, logins - posted)));
  }
  await Promise.all(answers);
}

/** What some work took of a chain. */
export interface Taken {
  readonly bills: Readonly<Record<Billed, number>>;
  /** Seconds of CPU by function. */
  readonly cpu: ReadonlyMap<string, number>;
  /** Invocations by function. */
  readonly calls: ReadonlyMap<string, number>;
  /** Bytes that the functions wrote to their logs. */
  readonly logBytes: number;
  readonly seconds: number;
}

/** Does some work, waits until the chain is idle, and gives what all of it took. */
export async function taken({ local, logs }: Chain, work: () => Promise<void>): Promise<Taken> {
  const look = async () => ({ bills: local.meter.read(), cpu: local.meter.readCpu(), calls: callsOf(local), logBytes: await sizeOf(logs) });
  const before = await look();
  const start = performance.now();
  await work();
  await local.whenIdle();
  const seconds = (performance.now() - start) / 1000;
  const after = await look();
  const since = (then: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>) => new Map([...now].map(([name, value]) => [name, value - (then.get(name) ?? 0)]));
  return {
    bills: Object.fromEntries(billed.map((what) => [what, after.bills[what] - before.bills[what]])) as Record<Billed, number>,
    cpu: since(before.cpu, after.cpu),
    calls: since(before.calls, after.calls),
    logBytes: after.logBytes - before.logBytes,
    seconds,
  };
}

/** Posts that a worker has on their way at once. */
const atOnce = 4;

/** What posts so many logins from home to a chain whenever it is asked, so many in a request, and gives what they took: the first time with the starts of all functions. */
export function worker(chain: Chain, perPost: number): (logins: number) => Promise<Taken> {
  const post = loginsOf(chain);
  return (logins) => taken(chain, () => inParallel(logins, perPost, atOnce, post));
}

/** Seconds of CPU of a stage, of the product or of the baseline: a function is named after it, and ours after the part too. */
export const cpuOf = ({ cpu }: Taken, stage: string): number =>
  sum([...cpu].filter(([name]) => name === `baseline-${stage}` || name.startsWith(`loginward-local-${stage}-`)).map(([, seconds]) => seconds));

/** Longer than any benchmark runs. */
const allMinutes = 120;

const callsOf = ({ cloudWatch, functions }: LocalRun): Map<string, number> =>
  new Map(functions.map((FunctionName) => [FunctionName, cloudWatch.statistic({ namespace: 'AWS/Lambda', name: 'Invocations', dimensions: { FunctionName } }, 'Sum', allMinutes) ?? 0]));

async function sizeOf(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size));
  return sum(sizes);
}

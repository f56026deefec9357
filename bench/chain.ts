import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';
import { region } from '../local/cloudformation.ts';
import { localCredentials } from '../local/credentials.ts';
import { type LocalOptions, type LocalRun, startLocal } from '../local/run.ts';

/** A chain in a local run, and how logins are posted to it. */
export interface Chain {
  readonly local: LocalRun;
  /** Posts so many logins from home in one request, a single one as an object. */
  post(count: number): Promise<void>;
}

/** The accounts that log in, one after the other. */
const accounts = 500;
/** An address in KR, the home country of who chose none. */
const home = '1.201.1.1';

/** Starts a local run in a folder of its own, for as long as it is used. */
export async function withChain<T>(options: Partial<LocalOptions>, use: (chain: Chain) => Promise<T>): Promise<T> {
  const data = await mkdtemp(join(tmpdir(), 'loginward-bench-'));
  let local: LocalRun | undefined;
  try {
    local = await startLocal({ port: 0, data, ...options });
    const aws = new AwsClient({ ...localCredentials, region, service: 'execute-api' });
    const url = `${local.url}/v1/logins`;
    let posted = 0;
    const post = async (count: number): Promise<void> => {
      const logins = Array.from({ length: count }, (_, index) => ({ accountId: `account-${(posted + index) % accounts}`, ip: home }));
      posted += count;
      const response = await aws.fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(count === 1 ? logins[0] : logins) });
      await response.arrayBuffer();
      if (response.status !== 202) throw new Error(`A post answered ${response.status}.`);
    };
    return await use({ local, post });
  } finally {
    await local?.close();
    await rm(data, { recursive: true, force: true });
  }
}

/** Posts logins as fast as so many requests at once are answered, and waits until all is done. */
export async function postAll({ local, post }: Chain, logins: number, perPost: number, atOnce: number): Promise<void> {
  let left = logins;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        const count = Math.min(perPost, left);
        left -= count;
        await post(count);
      }
    }),
  );
  await local.whenIdle();
}

/** Posts logins in a steady stream, neither a trickle nor a backlog, and waits until all is done. */
export async function postSteadily({ local, post }: Chain, logins: number, perPost: number, perSecond: number): Promise<void> {
  const start = performance.now();
  const answers: Promise<void>[] = [];
  for (let posted = 0; posted < logins; posted += perPost) {
    const wait = (posted / perSecond) * 1000 - (performance.now() - start);
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    answers.push(post(Math.min(perPost, logins - posted)));
  }
  await Promise.all(answers);
  await local.whenIdle();
}

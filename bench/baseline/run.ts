import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chain, withChain } from '../chain.ts';
import { synthesizeBaseline } from './synthesize.ts';

/** Starts the baseline in a local run, for as long as it is used. */
export async function withBaseline<T>(use: (chain: Chain) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'loginward-baseline-'));
  try {
    return await withChain({ assembly: synthesizeBaseline(folder), table: [] }, use);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the baseline is, for the texts of sections. */
export const aboutBaseline =
  'The baseline (`bench/baseline/`) is the chain as one would write it first: one login a request, one message a call, Powertools with an idempotency table, the defaults of the SDK and of `NodejsFunction`.';

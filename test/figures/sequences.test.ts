import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const sequences = 10_000;

/** Sequences cost processor time only, so each processor runs a share of them. */
it('order: 10,000 sequences of logins, settings, trips, disputes and unlocks end the same in order, and shuffled with doubles', async () => {
  const shares = availableParallelism();
  const seed = Date.now() % 1_000_000_000;
  const codes = await Promise.all(
    Array.from({ length: shares }, async (_, share) => {
      const worker = fork(join(import.meta.dirname, '..', 'support', 'sequences-worker.ts'), [String(sequences / shares), String(seed + share)]);
      const [code] = (await once(worker, 'exit')) as [number | null];
      return code;
    }),
  );
  console.log(`order: ${sequences} sequences of up to 9 steps, seed ${seed}: the same standing, receipts and history in order, and shuffled with a third of the events twice`);
  expect(codes).toEqual(Array.from({ length: shares }, () => 0));
});

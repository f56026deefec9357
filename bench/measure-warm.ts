import { type Billed, billed } from '../local/aws/meter.ts';
import type { LocalOptions } from '../local/run.ts';
import { postAll, withChain } from './chain.ts';

/** What logins took, without the starts of the functions. */
export interface Measured {
  /** Seconds of CPU by function. */
  readonly cpu: ReadonlyMap<string, number>;
  readonly bills: Readonly<Record<Billed, number>>;
  readonly seconds: number;
}

interface Volume {
  /** Logins that are measured, and those that go ahead, so that every function has started. */
  readonly logins: number;
  readonly ahead: number;
  readonly perPost: number;
  /** Posts that are on their way at once. */
  readonly atOnce: number;
}

/** Measures logins from home through a chain that has started. */
export function measureWarm(options: Partial<LocalOptions>, { logins, ahead, perPost, atOnce }: Volume): Promise<Measured> {
  return withChain(options, async (chain) => {
    const { meter } = chain.local;
    await postAll(chain, ahead, perPost, atOnce);
    const before = { cpu: meter.readCpu(), bills: meter.read() };
    const start = performance.now();
    await postAll(chain, logins, perPost, atOnce);
    const seconds = (performance.now() - start) / 1000;
    const cpu = new Map([...meter.readCpu()].map(([name, value]) => [name, value - (before.cpu.get(name) ?? 0)]));
    const after = meter.read();
    const bills = Object.fromEntries(billed.map((what) => [what, after[what] - before.bills[what]])) as Record<Billed, number>;
    return { cpu, bills, seconds };
  });
}

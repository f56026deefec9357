import { setTimeout as delay } from 'node:timers/promises';
import type { CloudWatch } from '../../local/cloudwatch/types.ts';

/** A fault, and the alarms that it must make fire. */
export interface Fault {
  /** What breaks, in a few words. */
  readonly what: string;
  /** Names of alarms. */
  readonly alarms: readonly string[];
  /** Causes it, again and again until all alarms have fired. */
  readonly cause: () => void | Promise<unknown>;
  /** Mends it. */
  readonly mend?: () => void | Promise<unknown>;
  /** Milliseconds between one time and the next. */
  readonly every?: number;
}

/** How long an alarm may take to fire, and to clear, in milliseconds: longer than a record that was in work comes back. */
const patience = 150_000;

/** What became of a fault: whether its alarms fired, and whether they cleared. */
export interface Outcome {
  readonly fired: Promise<void>;
  readonly cleared: Promise<void>;
}

/** Causes faults one after the other, and then waits until all alarms have cleared; what becomes of them is told at once. */
export function causeInTurn(faults: readonly Fault[], cloudWatch: CloudWatch): Map<Fault, Outcome> {
  let before: Promise<unknown> = Promise.resolve();
  const fired = faults.map((fault) => {
    const now = before.then(() => makeFire(fault, cloudWatch));
    before = now.catch(() => undefined);
    return now;
  });
  const last = before;
  return new Map(
    faults.map((fault, index) => {
      const cleared = last.then(() => waitFor(fault, cloudWatch, 'OK'));
      // Each is awaited by the tests of its alarms, later.
      for (const each of [fired[index], cleared]) each?.catch(() => undefined);
      return [fault, { fired: fired[index] ?? Promise.resolve(), cleared }];
    }),
  );
}

/** Causes a fault until its alarms have fired, and mends it. @throws when one of them fired before, or does not fire */
export async function makeFire({ what, alarms, cause, mend, every = 250 }: Fault, cloudWatch: CloudWatch): Promise<void> {
  const left = new Set(alarms);
  const already = inState(cloudWatch, left, 'ALARM');
  if (already.length > 0) throw new Error(`${already.join(', ')} fired before: ${what}`);
  const stop = cloudWatch.onChange(({ name, state }) => {
    if (state === 'ALARM') left.delete(name);
  });
  try {
    for (const end = Date.now() + patience; left.size > 0; await delay(every)) {
      if (Date.now() > end) throw new Error(`${[...left].join(', ')} did not fire: ${what}`);
      await cause();
    }
  } finally {
    stop();
    await mend?.();
  }
}

/** Waits until all alarms of a fault are in a state. */
export async function waitFor({ what, alarms }: Pick<Fault, 'what' | 'alarms'>, cloudWatch: CloudWatch, state: 'OK' | 'ALARM'): Promise<void> {
  const all = new Set(alarms);
  for (const end = Date.now() + patience; inState(cloudWatch, all, state).length < all.size; await delay(100)) {
    if (Date.now() < end) continue;
    const others = cloudWatch.alarms().filter((alarm) => all.has(alarm.name) && alarm.state !== state);
    throw new Error(`After ${what}: ${others.map((alarm) => `${alarm.name} is ${alarm.state}, ${alarm.reason}`).join('; ')}`);
  }
}

const inState = (cloudWatch: CloudWatch, names: ReadonlySet<string>, wanted: string): string[] =>
  cloudWatch.alarms().flatMap(({ name, state }) => (names.has(name) && state === wanted ? [name] : []));

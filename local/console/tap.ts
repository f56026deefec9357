import type { MSKEvent } from 'aws-lambda';
import { canaryAccount } from '../../lambdas/contracts/metrics.ts';
import type { EventName } from '../../lambdas/contracts/names.ts';
import type { Bus } from '../aws/bus.ts';
import { readLogins } from './logins.ts';
import { minuteCounts } from './minute-counts.ts';
import { type Ring, ring } from './ring.ts';
import type { ConsoleLogin } from './types.ts';

/**
 * Listens to the bus for the console: counts events by topic, and keeps the newest of those that tell of logins. It reads them only when somebody looks,
 * so the chain is as fast as without. The canary is left out.
 */
export interface Tap {
  /** Events that came onto a topic of SNS. */
  published(topic: string, bodies: readonly string[]): void;
  /** What a function was called with: on Kafka events pass nowhere else in this process. */
  invoked(event: unknown): void;
  /** Events of a topic in the last so many minutes. */
  count(topic: string, minutes: number): number;
  /** The newest logins, newest first. */
  logins(max: number): ConsoleLogin[];
}

/** How many logins the console shows; verdicts and actions are kept for more, because theirs come later than other logins. */
export const shownLogins = 50;
const kept = { 'login.located': 2 * shownLogins, 'verdict.decided': 10 * shownLogins, 'action.completed': 20 * shownLogins } as const satisfies Partial<Record<EventName, number>>;

const canarySubject = `"subject":"${canaryAccount}"`;
const canaryKey = Buffer.from(canaryAccount).toString('base64');

/** @param topicOf the topic of an event type, as the bus names it */
export function openTap(topicOf: (event: EventName) => string, now: () => number): Tap {
  const counts = minuteCounts(now);
  const rings = {
    located: ring<string>(kept['login.located']),
    decided: ring<string>(kept['verdict.decided']),
    completed: ring<string>(kept['action.completed']),
  };
  const ringOf = new Map<string, Ring<string>>([
    [topicOf('login.located'), rings.located],
    [topicOf('verdict.decided'), rings.decided],
    [topicOf('action.completed'), rings.completed],
  ]);
  const keep = (topic: string, bodies: readonly string[]): void => {
    for (const body of bodies) ringOf.get(topic)?.push(body);
  };
  /** By partition, the offset up to which events were seen: several groups read the same, and each may read it again. */
  const seen = new Map<string, number>();

  return {
    published: (topic, bodies) => {
      const players = bodies.filter((body) => !body.includes(canarySubject));
      counts.add(topic, players.length);
      keep(topic, players);
    },
    invoked: (event) => {
      for (const [partition, records] of Object.entries(recordsOf(event))) {
        const fresh = records.filter(({ offset }) => offset > (seen.get(partition) ?? -1));
        const [last] = fresh.slice(-1);
        if (!last) continue;
        seen.set(partition, last.offset);
        const players = fresh.filter(({ key }) => key !== canaryKey);
        counts.add(last.topic, players.length);
        if (ringOf.has(last.topic)) keep(last.topic, players.map(({ value }) => Buffer.from(value ?? '', 'base64').toString()));
      }
    },
    count: (topic, minutes) => counts.sum(topic, minutes),
    logins: (max) => readLogins({ located: rings.located.newest(), decided: rings.decided.newest(), completed: rings.completed.newest() }, max),
  };
}

const recordsOf = (event: unknown): MSKEvent['records'] => {
  const { eventSource, records } = (event ?? {}) as Partial<MSKEvent>;
  return eventSource === 'aws:kafka' && records ? records : {};
};

/** A bus of SNS that a tap listens to. */
export const listening = (bus: Bus, tap: Tap): Bus => ({
  publish: (topicArn, bodies) => {
    bus.publish(topicArn, bodies);
    tap.published(topicArn, bodies);
  },
});

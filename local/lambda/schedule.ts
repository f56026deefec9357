import type { Schedule } from '../model.ts';
import type { Pool } from './pool.ts';

/**
 * Calls a function as its schedule says. A call that fails is not repeated: the next one comes.
 *
 * @param minuteMilliseconds how long a minute of the schedule lasts
 * @returns how to stop it
 */
export function startSchedule({ everySeconds, input }: Schedule, pool: Pool, minuteMilliseconds: number): () => void {
  const timer = setInterval(() => {
    const event: unknown = input === undefined ? { 'detail-type': 'Scheduled Event', source: 'aws.events', time: new Date().toISOString() } : JSON.parse(input);
    pool.invoke(event).catch(() => undefined);
  }, (everySeconds / 60) * minuteMilliseconds);
  return () => clearInterval(timer);
}

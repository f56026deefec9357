import { isCanary } from '../contracts/metrics.ts';
import type { Publisher } from './publisher.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * A publisher that counts what the bus confirmed, and what it did not. The canary's login is no event of anybody's, so it is not counted as emitted; that the bus
 * does not confirm it is a fault like any other, and at night the only sign of it.
 */
export const counted = (publisher: Publisher, telemetry: Pick<Telemetry, 'count'>): Publisher => ({
  publish: async (events) => {
    const unconfirmed = await publisher.publish(events);
    telemetry.count('Emitted', events.filter((event) => !isCanary(event.subject) && !unconfirmed.has(event)).length);
    telemetry.count('Unconfirmed', unconfirmed.size);
    return unconfirmed;
  },
});

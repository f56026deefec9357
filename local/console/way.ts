import type { EventName } from '../../lambdas/contracts/names.ts';
import type { Service } from '../../lib/services.ts';

/** What begins the way of a login. */
const start: EventName = 'login.submitted';

/** How many hops behind the publisher each event type is on the way of a login, by the longest way; types that are not on it are left out. */
export function hopsOf(services: readonly Service[]): Map<EventName, number> {
  const hops = new Map<EventName, number>([[start, 0]]);
  const consumptions = services.flatMap(({ consumer }) => consumer?.consumes ?? []);
  // The table has no loops (`lib/graph.ts`), so each round settles one more hop.
  for (let round = 0; round < consumptions.length; round += 1) {
    for (const { event, leadsTo = [] } of consumptions) {
      const hop = hops.get(event);
      if (hop === undefined) continue;
      for (const next of leadsTo) hops.set(next, Math.max(hops.get(next) ?? 0, hop + 1));
    }
  }
  return hops;
}

/**
 * The column of each service in a drawing of the chain: one behind the first event of the way that it takes. What a service that stands further behind
 * sends back does not move it.
 *
 * @param subscribed event types of the http-bridge's subscriptions
 */
export function columnsOf(services: readonly Service[], hops: ReadonlyMap<EventName, number>, subscribed: readonly string[]): Map<string, number> {
  const last = Math.max(...hops.values()) + 1;
  return new Map(
    services.map(({ name, consumer, bridge }) => {
      if (!consumer && !bridge) return [name, 0];
      const taken: readonly string[] = bridge ? subscribed : (consumer?.consumes.map(({ event }) => event) ?? []);
      const reached = taken.flatMap((event) => hops.get(event as EventName) ?? []);
      return [name, reached.length > 0 ? 1 + Math.min(...reached) : last];
    }),
  );
}

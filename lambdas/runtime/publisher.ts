import type { CloudEvent } from '../contracts/cloud-event.ts';

/** Publishes events on the bus. */
export interface Publisher {
  /**
   * @returns for each event that the bus did not confirm, in spite of retries, the reason by the event itself; an empty map means
   * that all are confirmed. An unconfirmed event may be on the bus all the same.
   */
  publish(events: readonly CloudEvent[]): Promise<ReadonlyMap<CloudEvent, string>>;
}

/** Where an event goes. @throws for a type that the function was not given: a programming error */
export function topicOfEvent(topics: ReadonlyMap<string, string>, { type }: CloudEvent): string {
  const topic = topics.get(type);
  if (topic === undefined) throw new Error(`This function may not publish ${type}.`);
  return topic;
}

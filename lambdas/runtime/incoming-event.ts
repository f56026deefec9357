import { type Event, eventNameOf, eventSchema } from '../contracts/events.ts';
import type { EventName } from '../contracts/names.ts';
import { ParkError } from './failures.ts';

/** An event that can never be understood; it is parked at once. */
class BadEvent extends ParkError {}

/** An event of ours, with the short name of its type. */
export interface Named {
  readonly name: EventName;
  readonly event: Event;
}

/**
 * The event in a record's body.
 *
 * @param isTaken which types the service takes
 * @throws ParkError with a reason that repeats nothing of the body
 */
export function eventIn(body: string, isTaken: (name: EventName) => boolean): Named {
  const json = parseJson(body);
  const type = typeof json === 'object' && json !== null && 'type' in json ? json.type : undefined;
  const name = typeof type === 'string' ? eventNameOf(type) : undefined;
  if (name === undefined || !isTaken(name)) throw new BadEvent('unknown event type');
  const { data, error } = eventSchema(name).safeParse(json);
  if (error) throw new BadEvent(`malformed at ${error.issues.map(({ path }) => path.join('.')).join(', ')}`);
  return { name, event: data as Event };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new BadEvent('not JSON');
  }
}

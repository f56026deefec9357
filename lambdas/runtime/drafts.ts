import type { CloudEvent } from '../contracts/cloud-event.ts';
import { type EventData, eventSchema } from '../contracts/events.ts';
import { type EventName, eventType } from '../contracts/names.ts';
import { derivedId } from './ids.ts';
import { traceparentOf, withSampled } from './trace.ts';

/** What a handler says follows from an event; the runtime makes the CloudEvent of it. */
export type Draft<N extends EventName = EventName> = N extends EventName
  ? {
      readonly name: N;
      readonly data: EventData<N>;
      /** What tells this event apart from others of the same type that follow from the same parent. */
      readonly sibling?: string;
    }
  : never;

/** What an event or a request starts from. */
export interface Parent {
  readonly id: string;
  readonly subject: string;
  readonly traceparent?: string | undefined;
  readonly acceptedtime?: string | undefined;
  readonly hops?: number | undefined;
}

/** Events of which a player or support will ask: their traces are sampled from here on. */
const alwaysSampled: ReadonlySet<EventName> = new Set(['login.recorded', 'settings.changed', 'account.standing_changed', 'challenge.requested', 'challenge.verified']);

/** What a request starts from: whatever follows goes back to this moment. */
export const requestOf = (id: string, subject: string, now: Date): Parent => ({ id, subject, acceptedtime: now.toISOString() });

/** The CloudEvent of a draft: its id follows from the parent's, its trace and the moment of acceptance go on, `time` is now. */
export function compose(draft: Draft, parent: Parent, source: string, now: Date): CloudEvent {
  const id = derivedId(parent.id, draft.name, draft.sibling);
  const traceparent = traceparentOf(parent.traceparent, id);
  return {
    specversion: '1.0',
    id,
    source,
    type: eventType(draft.name),
    subject: parent.subject,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    traceparent: alwaysSampled.has(draft.name) ? withSampled(traceparent, true) : traceparent,
    ...(parent.acceptedtime !== undefined && { acceptedtime: parent.acceptedtime }),
    ...(parent.hops !== undefined && { hops: parent.hops }),
    data: eventSchema(draft.name).shape.data.parse(draft.data),
  };
}

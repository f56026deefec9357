import type { CloudEvent } from '../contracts/cloud-event.ts';
import { type EventData, eventSchema } from '../contracts/events.ts';
import { type EventName, eventType } from '../contracts/names.ts';
import { derivedId } from './ids.ts';
import { traceparentOf } from './trace.ts';

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
  readonly hops?: number | undefined;
}

/** The CloudEvent of a draft: its id follows from the parent's, its trace goes on, `time` is now. */
export function compose(draft: Draft, parent: Parent, source: string, now: Date): CloudEvent {
  const id = derivedId(parent.id, draft.name, draft.sibling);
  return {
    specversion: '1.0',
    id,
    source,
    type: eventType(draft.name),
    subject: parent.subject,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    traceparent: traceparentOf(parent.traceparent, id),
    ...(parent.hops !== undefined && { hops: parent.hops }),
    data: eventSchema(draft.name).shape.data.parse(draft.data),
  };
}

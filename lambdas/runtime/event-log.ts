import type { CloudEvent } from '../contracts/cloud-event.ts';
import { isCanary } from '../contracts/metrics.ts';
import { isSampled, traceIdOf } from './trace.ts';

/** The message of the line that each stage writes of a sampled event, and of each failure. */
export const eventMessage = 'Event';
/** The messages of the line that publisher writes of a sampled login, or another event from outside, once the bus has confirmed it. */
export const loginAcceptedMessage = 'Login accepted';
export const eventAcceptedMessage = 'Event accepted';

/** Which event it is about: what every line says of an event. */
export interface EventIds {
  /** Left out of an event from outside whose producer chose something else than a UUID: it may be anything, an address too. */
  readonly eventId?: string | undefined;
  readonly eventType: string;
  readonly loginId?: string | undefined;
  readonly traceId?: string | undefined;
  /** Of the canary, whose events are in no figure; left out of all others. */
  readonly canary?: true;
}

/**
 * The fields of the line `Event`, beside those of the logger (`timestamp`, `level`, `service`, `xray_trace_id`). Of what is no event at all only `outcome`,
 * `record` and `reason` are known.
 */
export interface EventLine extends Partial<EventIds> {
  /** What became of it here. A failed one comes back; a parked one is put aside for good. */
  readonly outcome: 'emitted' | 'swallowed' | 'failed' | 'parked';
  /** The types of what followed from it and is on the bus now. */
  readonly emitted?: readonly string[];
  /** Seconds since the login, request or outside event that it goes back to was accepted. */
  readonly ageSeconds?: number | undefined;
  /** Of what failed or was parked: its name on the bus, and why. */
  readonly record?: string;
  readonly reason?: string;
  /** Of the http-bridge: whose endpoint, and what its answer means. */
  readonly subscription?: string;
  readonly delivery?: 'done' | 'stale' | 'refused' | 'held';
}

/** The fields of these lines. */
export type AcceptedLine = EventIds;

/** What a line says of which event it is about. */
export const idsOf = ({ id, type, subject, data, traceparent }: Pick<CloudEvent, 'id' | 'type' | 'subject' | 'data' | 'traceparent'>): EventIds => ({
  eventId: toldId(id),
  eventType: type,
  loginId: loginIdOf(data),
  traceId: traceIdOf(traceparent),
  ...(isCanary(subject) && { canary: true }),
});

/** The id of an event as far as operators may read it, in logs and in what commands show: a UUID. Anything else may be an address, and stays untold. */
export const toldId = (id: unknown): string | undefined => (typeof id === 'string' && uuid.test(id) ? id : undefined);

/** Seconds since the acceptance of what an event goes back to, to the millisecond; nothing when the event does not tell. */
export function ageOf({ acceptedtime }: Pick<CloudEvent, 'acceptedtime'>, now: Date): number | undefined {
  return acceptedtime === undefined ? undefined : Math.max(0, now.getTime() - Date.parse(acceptedtime)) / 1000;
}

/** Whether a stage tells of an event that did not fail: its trace is sampled, or is so from here on. */
export const isTold = (event: CloudEvent, followed: readonly CloudEvent[]): boolean => [event, ...followed].some(({ traceparent }) => isSampled(traceparent));

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function loginIdOf(data: unknown): string | undefined {
  const { loginId, login } = (data ?? {}) as { loginId?: unknown; login?: { loginId?: unknown } };
  const found = loginId ?? login?.loginId;
  return toldId(found);
}

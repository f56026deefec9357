import type { CloudEvent } from '../contracts/cloud-event.ts';
import { eventType } from '../contracts/names.ts';
import { type AcceptedLine, eventAcceptedMessage, idsOf, loginAcceptedMessage } from '../runtime/event-log.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import { isInShare, isSampled, traceIdOf, traceparentOf, withSampled } from '../runtime/trace.ts';

const loginSubmitted = eventType('login.submitted');

/**
 * The `traceparent` of what came from outside: its trace is the caller's, but whether it is sampled is decided here. A login server that samples all of
 * its own would otherwise have every login logged at every stage, which costs more than the chain.
 *
 * @param share of the traces that are sampled, from 0 to 1
 */
export function tracedAs(traceparent: string | undefined, seed: string, share: number): string {
  const traced = traceparentOf(traceparent, seed);
  return withSampled(traced, isInShare(traceIdOf(traced) ?? seed, share));
}

/** Writes a line of each sampled event that the bus has confirmed. */
export function tellAccepted(accepted: readonly CloudEvent[], telemetry: Pick<Telemetry, 'info'>): void {
  for (const event of accepted.filter(({ traceparent }) => isSampled(traceparent))) {
    telemetry.info(event.type === loginSubmitted ? loginAcceptedMessage : eventAcceptedMessage, { ...idsOf(event) } satisfies AcceptedLine);
  }
}

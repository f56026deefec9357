import { createHash } from 'node:crypto';

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The bit of the flags that says whether a trace is sampled. */
const sampledFlag = 0x01;

/**
 * The `traceparent` (W3C Trace Context) of work that follows from a parent's: the same trace, a span of its own. The span is a
 * function of the seed, so that a redelivery carries the same. Without a valid parent the seed starts a trace, which is sampled.
 */
export function traceparentOf(parent: string | undefined, seed: string): string {
  const digest = createHash('sha256').update(seed).digest('hex');
  const [, trace, , flags] = pattern.exec(parent ?? '') ?? [];
  const valid = trace !== undefined && !/^0+$/.test(trace);
  return `00-${valid ? trace : digest.slice(16, 48)}-${digest.slice(0, 16)}-${valid ? flags : '01'}`;
}

/** A valid `traceparent` with its flag set or taken away; the other flags are left as they are. */
export function withSampled(traceparent: string, isSampledNow: boolean): string {
  const flags = flagsOf(traceparent);
  const next = isSampledNow ? flags | sampledFlag : flags & ~sampledFlag;
  return `${traceparent.slice(0, -2)}${next.toString(16).padStart(2, '0')}`;
}

/** Whether the events of a trace are logged at each stage. */
export const isSampled = (traceparent: string | undefined): boolean => (flagsOf(traceparent) & sampledFlag) !== 0;

/** The trace of a `traceparent`; nothing without one. */
export const traceIdOf = (traceparent: string | undefined): string | undefined => pattern.exec(traceparent ?? '')?.[1];

const flagsOf = (traceparent: string | undefined): number => Number.parseInt(pattern.exec(traceparent ?? '')?.[3] ?? '00', 16);

/**
 * Whether a trace is of those that are sampled: the same answer each time, and of many traces about the share of all. The id is hashed, because who
 * calls may count its traces instead of drawing them.
 *
 * @param share from 0 to 1
 */
export function isInShare(traceId: string, share: number): boolean {
  return createHash('sha256').update(traceId).digest().readUInt32BE(0) < share * 2 ** 32;
}

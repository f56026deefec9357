import { createHash } from 'node:crypto';

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * The `traceparent` (W3C Trace Context) of work that follows from a parent's: the same trace, a span of its own. The span is a
 * function of the seed, so that a redelivery carries the same. Without a valid parent the seed starts a trace.
 */
export function traceparentOf(parent: string | undefined, seed: string): string {
  const digest = createHash('sha256').update(seed).digest('hex');
  const [, trace, , flags] = pattern.exec(parent ?? '') ?? [];
  const valid = trace !== undefined && !/^0+$/.test(trace);
  return `00-${valid ? trace : digest.slice(16, 48)}-${digest.slice(0, 16)}-${valid ? flags : '01'}`;
}

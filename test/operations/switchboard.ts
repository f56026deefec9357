import type { Trouble } from '../../local/aws/endpoint.ts';
import type { Call } from '../../local/aws/calls.ts';

/** Trouble of a local run that a test switches on and off while it runs. */
export interface Switchboard {
  readonly trouble: Trouble;
  /** What becomes of the calls of a function to AWS, before they are done. */
  readonly calls: Map<string, (call: Call) => void | Promise<void>>;
  /** Functions of which AWS does what they ask, and then does not answer: which operations. */
  readonly unanswered: Map<string, string>;
  /** Functions without concurrency. */
  readonly throttled: Set<string>;
  /** ARNs of queues that SNS cannot deliver to. */
  readonly closed: Set<string>;
}

export function switchboard(): Switchboard {
  const calls: Switchboard['calls'] = new Map();
  const unanswered: Switchboard['unanswered'] = new Map();
  const throttled = new Set<string>();
  const closed = new Set<string>();
  return {
    calls,
    unanswered,
    throttled,
    closed,
    trouble: {
      before: (name, call) => calls.get(name)?.(call),
      after: (name, { operation }) => (unanswered.get(name) === operation ? 'hang up' : undefined),
      throttles: (name) => throttled.has(name),
      refusesDelivery: (arn) => closed.has(arn),
    },
  };
}

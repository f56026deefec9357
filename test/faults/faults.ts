import type { IncomingHttpHeaders } from 'node:http';
import { AwsError, type Call } from '../../local/aws/calls.ts';
import type { NoAnswer, Trouble } from '../../local/aws/endpoint.ts';
import { callSiteOf, nameOf } from '../support/call-recorder.ts';

/** What may happen to a call. */
export const faults = ['throttled', 'refused', 'timed out before', 'timed out after', 'reset before', 'reset after', 'answer lost once', 'partial'] as const;
export type Fault = (typeof faults)[number];

/** Operations that may do a part of what they are asked for. */
const batches = new Set(['PublishBatch', 'SendMessageBatch', 'ChangeMessageVisibilityBatch', 'BatchGetItem']);

/** Whether a fault can happen to an operation. What the SDK tries once only has no second try that hides a lost answer. */
export function canHappen(fault: Fault, operation: string): boolean {
  if (fault === 'partial') return batches.has(operation);
  return fault !== 'answer lost once' || !triedOnce.has(operation);
}

/** The SDK tries these once: the publisher tries by itself, and of what goes out nobody knows. */
const triedOnce = new Set(['PublishBatch', 'Publish', 'SendEmail']);

/** How many calls of the SDK are met before the function sees it: the publisher makes so many of one. */
const callsUntilSeen = (operation: string): number => (operation === 'PublishBatch' ? 3 : 1);

/** What the services call it when there were too many requests. */
const throttling: Readonly<Record<string, [code: string, status: number]>> = {
  dynamodb: ['ThrottlingException', 400],
  sqs: ['RequestThrottled', 403],
  sns: ['Throttled', 429],
  ses: ['TooManyRequestsException', 429],
  s3: ['SlowDown', 503],
  secretsmanager: ['ThrottlingException', 400],
};

/** Lets a fault meet a call before it is done. */
function befall(fault: Fault, call: Call): NoAnswer {
  if (fault === 'reset before') return 'hang up';
  if (fault === 'timed out before') return 'never answer';
  if (fault === 'refused') throw refusalBy(call);
  const [code = 'ThrottlingException', status = 400] = throttling[call.service] ?? [];
  throw new AwsError(code, status, 'Throttled by a test.');
}

/** One fault in all that all functions call, for as long as it is set. */
export function lastingTrouble() {
  const met = new Set<string>();
  const state: { readonly trouble: Trouble; readonly met: Set<string>; fault: Fault | undefined } = {
    met,
    fault: undefined,
    trouble: {
      before: (functionName, call) => {
        if (state.fault === undefined) return undefined;
        met.add(functionName);
        return befall(state.fault, call);
      },
    },
  };
  return state;
}

/** A fault that waits for its call site. */
export interface Armed {
  readonly site: string;
  readonly fault: Fault;
  /** Texts of which one must stand in the call: of the account, and of what belongs to it; none for a call that names no account. */
  readonly marks: ReadonlySet<string>;
  /** Tries of the SDK that it met. */
  fired: number;
}

interface Waiting extends Armed {
  readonly calls: Set<string>;
}

/** The faults of a local run. */
export function faultBoard() {
  const armed: Waiting[] = [];
  const stumbling = new Map<string, Set<string>>();
  let stumbles: string | undefined;
  /** The first thing that each consumer asks for in a story is refused, until it sees it. */
  const stumble = (functionName: string, call: Call, headers: IncomingHttpHeaders): void => {
    if (stumbles === undefined || functionName.endsWith('-api') || !textOf(call).includes(stumbles)) return;
    const calls = stumbling.get(functionName) ?? new Set();
    stumbling.set(functionName, calls);
    const { id } = tryOf(headers);
    if (!calls.has(id) && calls.size >= callsUntilSeen(call.operation)) return;
    calls.add(id);
    throw refusalBy(call);
  };
  const bySite = (site: string, text: string): Waiting[] => armed.filter((each) => each.site === site && (each.marks.size === 0 || [...each.marks].some((mark) => text.includes(mark))));
  /** The fault that meets this try of a call, if any. */
  const meeting = (functionName: string, call: Call, headers: IncomingHttpHeaders): Waiting | undefined => {
    const { id, attempt } = tryOf(headers);
    for (const each of bySite(nameOf(callSiteOf(functionName, call)), textOf(call))) {
      if (each.fault === 'partial') continue;
      if (each.fault === 'answer lost once' && attempt > 1) continue;
      if (!each.calls.has(id) && each.calls.size >= callsUntilSeen(call.operation)) continue;
      each.calls.add(id);
      return each;
    }
    return undefined;
  };
  const trouble = {
    before: (functionName, call, headers) => {
      stumble(functionName, call, headers);
      const found = meeting(functionName, call, headers);
      if (!found || found.fault.endsWith('after') || found.fault === 'answer lost once') return undefined;
      found.fired += 1;
      return befall(found.fault, call);
    },
    after: (functionName, call, headers) => {
      const found = meeting(functionName, call, headers);
      if (!found) return undefined;
      found.fired += 1;
      return found.fault === 'timed out after' ? 'never answer' : 'hang up';
    },
    failsEntry: (functionName, entry, call) => {
      const found = bySite(nameOf(callSiteOf(functionName, call)), entry).find(({ fault, fired }) => fault === 'partial' && fired < callsUntilSeen(call.operation));
      if (!found) return false;
      found.fired += 1;
      return true;
    },
  } satisfies Trouble;
  return {
    trouble,
    /** Lets each consumer fail once in the story with this mark, so that what is done after a failure is done. */
    stumbleAt: (mark: string): void => {
      stumbles = mark;
    },
    arm: (site: string, fault: Fault, marks: ReadonlySet<string>): Armed => armed[armed.push({ site, fault, marks, fired: 0, calls: new Set() }) - 1] as Armed,
  };
}

const refusalBy = ({ service }: Call): AwsError => new AwsError(service === 'sns' ? 'AuthorizationError' : 'AccessDeniedException', service === 'dynamodb' ? 400 : 403, 'Refused by a test.');

export type FaultBoard = ReturnType<typeof faultBoard>;

/** What a call says, in which a story finds its marks. An SMS names its account nowhere but in its context. */
export const textOf = ({ input }: Call): string => JSON.stringify(input) + Buffer.from(input.attributes?.['Loginward.Context'] ?? '', 'base64url').toString();

/** Which call of the SDK this is, and which try of it. */
function tryOf(headers: IncomingHttpHeaders): { id: string; attempt: number } {
  return { id: String(headers['amz-sdk-invocation-id']), attempt: Number(/attempt=(\d+)/.exec(String(headers['amz-sdk-request']))?.[1] ?? 1) };
}

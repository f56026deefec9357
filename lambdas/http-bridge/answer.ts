import * as z from 'zod/mini';
import { type CloudEvent, envelope } from '../contracts/cloud-event.ts';
import { answersPrefix, eventType } from '../contracts/names.ts';
import { travelling } from '../contracts/primitives.ts';
import { maxHops, type Subscription } from '../contracts/subscriptions.ts';
import { aheadMinutes } from '../contracts/window.ts';
import { derivedIdOfReply } from '../runtime/ids.ts';
import { traceparentOf } from '../runtime/trace.ts';
import type { Answer } from './endpoint.ts';

/** What an answer means for its event. */
export type Delivery =
  /** It ends here, with what the endpoint replied. */
  | { readonly kind: 'done'; readonly replies: readonly CloudEvent[] }
  /** It came too late to be posted, and ends here, with what says so. It tells nothing about the endpoint. */
  | { readonly kind: 'stale'; readonly replies: readonly CloudEvent[] }
  /** The endpoint is alive, and does not take this event, or its reply cannot be taken. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The endpoint does not work: the event waits. */
  | { readonly kind: 'held'; readonly cause: HoldCause; readonly reason: string; readonly retryAfterSeconds?: number };

/** `unavailable` may pass by itself; `misconfigured` and `broken` need the endpoint's owner. */
export type HoldCause = 'unavailable' | 'misconfigured' | 'broken';

/** What judging an answer needs to know. */
export interface Terms {
  readonly subscription: Pick<Subscription, 'name' | 'mode'>;
  /** The schemas of the data of the types that it may emit, by type. */
  readonly emits: ReadonlyMap<string, z.ZodMiniType>;
  readonly now: () => Date;
}

/** Statuses that say: not now. */
const unavailable = new Set([408, 425, 429]);
/** Statuses that say: not here. */
const notHere = new Set([404, 405, 410]);
/** `Retry-After` counts up to here: an hour. */
const maxRetryAfterSeconds = 3600;
/** How much of a reason is kept beside the event. */
const maxReason = 250;
/** SNS takes 256 KiB, with what surrounds the event. */
const maxEventBytes = 200 * 1024;

/** Judges an answer by the table of the decision record on the http-bridge. */
export function judge(answer: Answer, event: CloudEvent, terms: Terms): Delivery {
  const { status, headers, body } = answer;
  if (status >= 500 || unavailable.has(status)) {
    return { kind: 'held', cause: 'unavailable', reason: `status ${status}`, ...retryAfterOf(headers['retry-after'], terms.now()) };
  }
  if (notHere.has(status) || (status >= 300 && status < 400)) return { kind: 'held', cause: 'misconfigured', reason: `status ${status}` };
  if (status >= 400) return { kind: 'refused', reason: oneLine(`status ${status}: ${body?.subarray(0, maxReason * 4).toString() ?? ''}`) };
  if (status < 200) return { kind: 'held', cause: 'broken', reason: `status ${status}` };
  if (terms.subscription.mode === 'one-way' || status === 204) return { kind: 'done', replies: [] };
  if (status !== 200) return { kind: 'held', cause: 'broken', reason: `status ${status} in streaming mode` };
  return readReplies(answer, event, terms);
}

function readReplies({ headers, body }: Answer, event: CloudEvent, terms: Terms): Delivery {
  const broken = (reason: string): Delivery => ({ kind: 'held', cause: 'broken', reason });
  if (body === undefined) return broken('answer over 128 KiB');
  const json = parse(body);
  if (json === undefined) return broken('answer is not JSON');
  const isBatch = String(headers['content-type'] ?? '').toLowerCase().startsWith('application/cloudevents-batch+json') || Array.isArray(json);
  if (isBatch !== Array.isArray(json)) return broken('answer is not a batch of CloudEvents');
  const parsed = z.array(reply).check(z.maxLength(maxReplies)).safeParse(Array.isArray(json) ? json : [json]);
  if (!parsed.success) return broken('answer is not a CloudEvent');
  const replies: CloudEvent[] = [];
  for (const [index, each] of parsed.data.entries()) {
    const refusal = refusalOf(each, event, terms);
    if (refusal !== undefined) return { kind: 'refused', reason: oneLine(`reply ${index}: ${refusal}`) };
    const next = republished(each, index, event, terms);
    if (Buffer.byteLength(JSON.stringify(next)) > maxEventBytes) return { kind: 'refused', reason: `reply ${index}: too large for the bus` };
    replies.push(next);
  }
  return { kind: 'done', replies };
}

/** An answer holds so many events at most. */
const maxReplies = 100;

/** What a reply must have; `id`, `source` and `time` may be left out, and the first two do not count. */
const reply = z.object({
  specversion: envelope.shape.specversion,
  type: envelope.shape.type,
  subject: z.optional(z.string()),
  time: z.optional(envelope.shape.time),
  data: z.unknown(),
});
export type Reply = z.infer<typeof reply>;

/** Why a reply cannot be taken, or nothing. */
function refusalOf({ type, subject, data }: Reply, event: CloudEvent, { emits }: Terms): string | undefined {
  const schema = emits.get(type);
  if (!schema) return 'a type that the subscription does not emit';
  if (subject !== undefined && subject !== event.subject) return 'another subject';
  if (hopsOf(event) >= maxHops) return `more than ${maxHops} hops`;
  const { error } = schema.safeParse(data);
  if (error) return `data is not valid at ${error.issues.map(({ path }) => `/${path.join('/')}`).join(', ')}`;
  // Whoever was asked for no action, or for another, cannot say how it ended.
  const isOfAction = type === completed || actionIdOf(event.data) !== undefined;
  if (isOfAction && actionIdOf(data) !== undefined && actionIdOf(data) !== actionIdOf(event.data)) return 'another action';
  return undefined;
}

const completed = eventType('action.completed');

/** The event that a reply becomes: its id follows from the event, the subscription and the reply's place, whatever the endpoint said. */
export function republished({ type, time, data }: Reply, index: number, event: CloudEvent, { subscription, emits, now }: Terms): CloudEvent {
  const id = derivedIdOfReply(event, type, subscription.name, index);
  const [earliest, latest] = [Date.parse(event.time), now().getTime() + aheadMinutes * 60_000];
  // Nothing is answered before it happened, nor in the future: the endpoint's clock, or what it says of it, is wrong.
  const isPossible = time !== undefined && Date.parse(time) >= earliest && Date.parse(time) <= latest;
  return {
    specversion: '1.0',
    id,
    source: `${answersPrefix}${subscription.name}`,
    type,
    subject: event.subject,
    time: isPossible ? time : now().toISOString(),
    datacontenttype: 'application/json',
    traceparent: traceparentOf(event.traceparent, id),
    ...(event.acceptedtime !== undefined && { acceptedtime: event.acceptedtime }),
    hops: hopsOf(event) + 1,
    data: emits.get(type)?.parse(data),
  };
}

const hopsOf = ({ hops = 0 }: CloudEvent): number => hops;

const actionIdOf = (data: unknown): unknown => (typeof data === 'object' && data !== null && 'actionId' in data ? data.actionId : undefined);

function parse(body: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    // What SNS and SQS refuse within a message; freeText says more.
    return JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? travelling(value) : value));
  } catch {
    return undefined;
  }
}

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3). */
function retryAfterOf(header: string | string[] | undefined, now: Date): { retryAfterSeconds?: number } {
  const text = String(header ?? '').trim();
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1000;
  return seconds > 0 ? { retryAfterSeconds: Math.ceil(Math.min(seconds, maxRetryAfterSeconds)) } : {};
}

/** The start of a text in one line, without what SQS refuses in an attribute. */
const oneLine = (text: string): string => travelling(text.slice(0, maxReason)).replaceAll(/\p{Cc}+/gu, ' ').trim();

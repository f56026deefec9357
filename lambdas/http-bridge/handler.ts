import type { KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import type { CloudEvent } from '../contracts/cloud-event.ts';
import { eventData } from '../contracts/events.ts';
import { eventType } from '../contracts/names.ts';
import { type Delivery, judge, republished, type Terms } from './answer.ts';
import { type Endpoint, NoAnswerError } from './endpoint.ts';
import { signatureOf } from './signature.ts';

/** What a delivery depends on. */
export interface Services extends Terms {
  readonly endpoint: Pick<Endpoint, 'post'>;
  /** The secrets in force, newest first; none leaves the request unsigned. */
  readonly secrets: () => Promise<readonly KeyObject[]>;
}

/** Posts an event to the endpoint, signed, and says what its answer means; an action that comes too late is not posted. */
export async function deliver(event: CloudEvent, services: Services): Promise<Delivery> {
  const stale = staleDelivery(event, services);
  if (stale) return stale;
  const body = JSON.stringify(event);
  const timestamp = Math.floor(services.now().getTime() / 1000);
  const secrets = await services.secrets().catch(() => undefined);
  if (!secrets) return { kind: 'held', cause: 'misconfigured', reason: 'the secret cannot be read' };
  const webhookId = headerOf(event.id);
  const headers = {
    'content-type': 'application/cloudevents+json',
    accept: 'application/cloudevents+json, application/cloudevents-batch+json',
    'user-agent': 'Loginward',
    'webhook-id': webhookId,
    'webhook-timestamp': String(timestamp),
    ...(secrets.length > 0 && { 'webhook-signature': signatureOf(secrets, webhookId, timestamp, body) }),
    ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
  };
  try {
    return judge(await services.endpoint.post(body, headers), event, services);
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    // A status came, but not the whole of its answer: that is the endpoint's error, and never taken for a swallow.
    const cause = error.message === 'answer cut off' ? 'broken' : 'unavailable';
    return { kind: 'held', cause, reason: error.message };
  }
}

const action = z.pick(eventData['action.requested'](), { actionId: true, staleAfter: true });
const completed = eventType('action.completed');

/**
 * What becomes of an action that makes no sense any more, so that an endpoint that was down for a day never kicks for yesterday's login:
 * it ends here, as `stale` when the subscription may say so. Nothing for any other event.
 */
export function staleDelivery(event: CloudEvent, terms: Terms): Delivery | undefined {
  if (event.type !== eventType('action.requested')) return undefined;
  const { data } = action.safeParse(event.data);
  if (!data || terms.now().getTime() <= Date.parse(data.staleAfter)) return undefined;
  if (!terms.emits.has(completed)) return { kind: 'stale', replies: [] };
  const reply = { specversion: '1.0' as const, type: completed, data: { actionId: data.actionId, outcome: 'stale' } };
  return { kind: 'stale', replies: [republished(reply, 0, event, terms)] };
}

/** A producer's id as a header can hold it: what is not visible ASCII is percent-encoded. */
const headerOf = (id: string): string => id.replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent);

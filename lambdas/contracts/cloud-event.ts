import * as z from 'zod/mini';
import { lazily } from './lazily.ts';
import { isOwnSource } from './names.ts';
import { accountId, freeText, instant } from './primitives.ts';

/** The attributes of a CloudEvents 1.0 event in structured mode; attributes that we do not know are kept out, not refused. */
export const envelope = z.object({
  specversion: z.literal('1.0'),
  id: freeText(1, 256),
  /** The service that made it, or the company's own producer. */
  source: freeText(1, 256),
  type: z.string().check(z.minLength(1), z.maxLength(128)),
  /** The account; also the partition key. */
  subject: accountId,
  /** The moment it happened. */
  time: instant,
  datacontenttype: z.optional(z.literal('application/json')),
  /** The schema that the producer says its data follows; ours is fixed by the type. */
  dataschema: z.optional(z.string().check(z.maxLength(1024))),
  /** W3C Trace Context of the login or request that it goes back to. */
  traceparent: z.optional(z.string().check(z.regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/))),
  /** When the login, request or outside event that it goes back to was accepted. An extension attribute, as the next. */
  acceptedtime: z.optional(instant),
  /** How many endpoints' answers lie between it and what came from outside. */
  hops: z.optional(z.int().check(z.minimum(0))),
});

/**
 * The attributes that a producer outside may set: how far an event has travelled, and when it was accepted, is for us to say. Endpoints know an event by `source` and
 * `id`, so nobody else may speak as one of ours.
 */
export const outsideAttributes = lazily(() => {
  const { hops: _hops, acceptedtime: _acceptedtime, ...outside } = envelope.shape;
  return { ...outside, source: outside.source.check(z.refine((source) => !isOwnSource(source), 'is the source of events of Loginward itself')) };
});

/** A CloudEvent with data of type `D`. */
export interface CloudEvent<T extends string = string, D = unknown> extends z.infer<typeof envelope> {
  type: T;
  data: D;
}

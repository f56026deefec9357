import * as z from 'zod/mini';
import { eventType } from './names.ts';
import { owner } from './primitives.ts';

/** Of the product's own types an endpoint may emit this alone. */
export const emittableOwnType = eventType('action.completed');

const type = z.string().check(z.minLength(1), z.maxLength(64));
const unique = <T>(list: readonly T[]): boolean => new Set(list).size === list.length;

/**
 * `subscriptions/<name>.json`: an HTTP endpoint joined to event types. What depends on the other files (which types there are, loops)
 * is checked beside it.
 */
export const subscriptionFile = z
  .strictObject({
    $schema: z.optional(z.string()),
    name: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,23}$/, 'must be 1 to 24 of a-z 0-9 - and begin with a letter')),
    owner,
    eventTypes: z.array(type).check(z.minLength(1), z.maxLength(20), z.refine(unique, 'names a type twice')),
    filter: z.optional(
      z
        .record(z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'must be the name of a field of data')), z.array(z.string().check(z.maxLength(128))).check(z.minLength(1), z.maxLength(10)))
        .check(z.refine((fields) => Object.keys(fields).length >= 1 && Object.keys(fields).length <= 4, 'names no field, or more than four')),
    ),
    endpoint: z.string().check(z.minLength(1), z.maxLength(2048)),
    mode: z.enum(['streaming', 'one-way']),
    emits: z.optional(z.array(type).check(z.minLength(1), z.maxLength(10), z.refine(unique, 'names a type twice'))),
    parallelism: z._default(z.int().check(z.minimum(1), z.maximum(100)), 4),
    timeoutSeconds: z._default(z.int().check(z.minimum(1), z.maximum(30)), 10),
    holdDays: z._default(z.int().check(z.minimum(1), z.maximum(10)), 10),
    secret: z.optional(z.string().check(z.regex(/^[A-Za-z0-9/_+=.@-]{1,128}$/, 'must be the name of a secret of Secrets Manager'))),
    paused: z._default(z.boolean(), false),
  })
  .check(z.refine(({ mode, emits }) => mode === 'streaming' || emits === undefined, { path: ['emits'], error: 'a one-way subscription emits nothing' }));

/** A subscription with its defaults. */
export type Subscription = z.infer<typeof subscriptionFile>;

/** How often an event may go from endpoint to endpoint; one that went further is a loop. */
export const maxHops = 8;

import * as z from 'zod';
import { eventType } from './names.ts';
import { owner } from './primitives.ts';

/** Of the product's own types an endpoint may emit this alone. */
export const emittableOwnType = eventType('action.completed');

const type = z.string().min(1).max(64);
const unique = <T>(list: readonly T[]): boolean => new Set(list).size === list.length;

/**
 * `subscriptions/<name>.json`: an HTTP endpoint joined to event types. What depends on the other files (which types there are, loops)
 * is checked beside it.
 */
export const subscriptionFile = z
  .strictObject({
    $schema: z.string().optional(),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,23}$/, 'must be 1 to 24 of a-z 0-9 - and begin with a letter')
      .meta({ description: 'Also the name of the file. Events that wait belong to the name.' }),
    owner,
    eventTypes: z.array(type).min(1).max(20).refine(unique, 'names a type twice').meta({ description: 'The types that it gets.' }),
    filter: z
      .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'must be the name of a field of data'), z.array(z.string().max(128)).min(1).max(10))
      .refine((fields) => Object.keys(fields).length >= 1 && Object.keys(fields).length <= 4, 'names no field, or more than four')
      .optional()
      .meta({ description: 'Only events whose `data` has one of these values in each of these fields.' }),
    endpoint: z.string().min(1).max(2048).meta({ description: 'The https URL that events are posted to.' }),
    mode: z.enum(['streaming', 'one-way']).meta({
      description: 'streaming: what the endpoint answers goes onto the bus, 204 is a swallow. one-way: any 2xx is an acknowledgement.',
    }),
    emits: z.array(type).min(1).max(10).refine(unique, 'names a type twice').optional().meta({ description: 'The types that its answers may have.' }),
    parallelism: z.int().min(1).max(100).default(4).meta({ description: 'How many events it gets at once, at most.' }),
    timeoutSeconds: z.int().min(1).max(30).default(10).meta({ description: 'How long an answer may take, headers and body.' }),
    holdDays: z.int().min(1).max(10).default(10).meta({ description: 'How long events wait for an endpoint that is down, before they are put aside.' }),
    secret: z
      .string()
      .regex(/^[A-Za-z0-9/_+=.@-]{1,128}$/, 'must be the name of a secret of Secrets Manager')
      .optional()
      .meta({ description: 'The secret of Secrets Manager that requests are signed with: whsec_…, or a JSON array of two, new and old.' }),
    paused: z.boolean().default(false).meta({ description: 'Holds every event until it is false again.' }),
  })
  .refine(({ mode, emits }) => mode === 'streaming' || emits === undefined, { path: ['emits'], error: 'a one-way subscription emits nothing' })
  .meta({ id: 'Subscription', title: 'A subscription of an HTTP endpoint' });

/** A subscription with its defaults. */
export type Subscription = z.infer<typeof subscriptionFile>;

/** How often an event may go from endpoint to endpoint; one that went further is a loop. */
export const maxHops = 8;

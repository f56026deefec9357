import * as z from 'zod/mini';
import { validatorOf } from './json-schema.ts';
import { owner } from './primitives.ts';

/** Types that begin so are the product's own, and cannot be declared. */
const ownPrefix = 'loginward.';

/** A `type` of the company's own: `studio.match.ended.v1`. */
const declaredTypeName = z
  .string()
  .check(
    z.maxLength(64),
    z.regex(/^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+\.v[1-9]\d*$/, 'must be lower-case names with dots between and a version at the end, such as studio.match.ended.v1'),
    z.refine((type) => !type.startsWith(ownPrefix), 'begins with loginward., which is for the product\'s own types'),
  );

/** A JSON Schema of draft 2020-12. */
const dataSchema = z.record(z.string(), z.unknown()).check(
  z.superRefine((schema, context) => {
    try {
      validatorOf(schema);
    } catch (error) {
      context.addIssue({ code: 'custom', message: `is no JSON Schema of draft 2020-12: ${(error as Error).message}` });
    }
  }),
);

/** `event-types/<name>.json`: an event type of the company's own. */
export const eventTypeFile = z.strictObject({
  $schema: z.optional(z.string()),
  type: declaredTypeName,
  owner,
  /** What the `data` of such an event must be. */
  dataSchema,
  /** Whether `POST /v1/events` takes it. */
  outsideProducers: z.boolean(),
});
export type EventTypeFile = z.infer<typeof eventTypeFile>;

/** An event type of the company's own, as functions know it. */
export type DeclaredType = Pick<EventTypeFile, 'type' | 'dataSchema' | 'outsideProducers'>;

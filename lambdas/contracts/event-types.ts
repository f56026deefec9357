import { z } from 'zod';
import { type EventName, eventNames, eventType, topicName, variables } from './names.ts';

/** Types that begin so are the product's own, and cannot be declared. */
const ownPrefix = 'loginward.';

/** A `type` of the company's own: `studio.match.ended.v1`. */
const declaredTypeName = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+\.v[1-9]\d*$/, 'must be lower-case names with dots between and a version at the end, such as studio.match.ended.v1')
  .refine((type) => !type.startsWith(ownPrefix), 'begins with loginward., which is for the product\'s own types');

/** A JSON Schema (draft 2020-12) that the product can check data with. */
const dataSchema = z.record(z.string(), z.unknown()).superRefine((schema, context) => {
  try {
    z.fromJSONSchema(schema);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is no JSON Schema that Loginward understands: ${(error as Error).message}` });
  }
});

/** The longest `owner`: a team, as people know it. */
export const owner = z.string().min(1).max(64).meta({ description: 'The team to ask about it.' });

/** `event-types/<name>.json`: an event type of the company's own. */
export const eventTypeFile = z
  .strictObject({
    $schema: z.string().optional(),
    type: declaredTypeName,
    owner,
    /** What the `data` of such an event must be. */
    dataSchema: dataSchema.meta({ description: 'JSON Schema of `data`, draft 2020-12.' }),
    outsideProducers: z.boolean().meta({ description: 'Whether POST /v1/events takes it.' }),
  })
  .meta({ id: 'EventType', title: 'An event type of the company' });
export type EventTypeFile = z.infer<typeof eventTypeFile>;

/** An event type of the company's own, as functions know it. */
export type DeclaredType = Pick<EventTypeFile, 'type' | 'dataSchema' | 'outsideProducers'>;

/** The schema of a declared type's `data`. */
export const dataSchemaOf = (declared: DeclaredType): z.ZodType =>
  z.fromJSONSchema(declared.dataSchema);

/** The topic of any type, as part of a resource or parameter name: `studio.match.ended.v1` becomes `studio-match-ended-v1`. */
export function topicOf(type: string): string {
  const name = ownName(type);
  return name ? topicName(name) : type.replaceAll(/[._]/g, '-');
}

/** The environment variable with the ARN of the topic of any type. */
export function topicVariableOf(type: string): string {
  const name = ownName(type);
  return name ? variables.topic(name) : `TOPIC_${type.replaceAll(/[.-]/g, '_').toUpperCase()}`;
}

const ownName = (type: string): EventName | undefined => eventNames.find((name) => eventType(name) === type);

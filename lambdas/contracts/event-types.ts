import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as z from 'zod';
import { endsWithin } from './bounded.ts';

/** Types that begin so are the product's own, and cannot be declared. */
const ownPrefix = 'loginward.';

/** A `type` of the company's own: `studio.match.ended.v1`. */
const declaredTypeName = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+\.v[1-9]\d*$/, 'must be lower-case names with dots between and a version at the end, such as studio.match.ended.v1')
  .refine((type) => !type.startsWith(ownPrefix), 'begins with loginward., which is for the product\'s own types');

/** Unknown keywords are refused, because a slip of the pen would check nothing; what is only unusual is not. */
const newValidator = () => addFormats.default(new Ajv2020({ allErrors: true, strictTypes: false, strictTuples: false, strictRequired: false }));

/** A JSON Schema of draft 2020-12. */
const dataSchema = z.record(z.string(), z.unknown()).superRefine((schema, context) => {
  try {
    newValidator().compile(schema);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is no JSON Schema of draft 2020-12: ${(error as Error).message}` });
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

/** The schema of a declared type's `data`. What its author left open is bounded here: how deep data is nested, and how long the check may take. */
export function dataSchemaOf(declared: DeclaredType): z.ZodType {
  const validate = newValidator().compile(declared.dataSchema);
  return z.unknown().superRefine((data, context) => {
    // Whoever writes it as JSON again, or checks it by a schema that refers to itself, would run out of stack.
    if (isDeeperThan(data, mostLevels)) {
      context.addIssue({ code: 'custom', message: `must not be nested deeper than ${mostLevels} levels` });
      return;
    }
    if (!endsWithin(mostMilliseconds, () => validate(data))) {
      context.addIssue({ code: 'custom', message: 'takes too long to check against its schema' });
      return;
    }
    for (const error of validate.errors ?? []) context.addIssue({ code: 'custom', path: pathOf(error), message: error.message ?? 'is not valid' });
  });
}

/** How deep data of the company's own may be nested. */
const mostLevels = 64;
/** How long its check may take: a pattern may try for ever (`^(a+)+$`), and `uniqueItems` compares each item with each. A batch of 100 such events ends before its function does. */
const mostMilliseconds = 100;

function isDeeperThan(data: unknown, most: number): boolean {
  const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
  let level = [data].filter(isNested);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= most) return true;
    level = level.flatMap((value) => Object.values(value).filter(isNested));
  }
  return false;
}

/** Where an error lies: a field that is missing or too many is told itself, not the object around it. */
function pathOf({ instancePath, params }: ErrorObject): string[] {
  const { missingProperty, additionalProperty, unevaluatedProperty } = params as Partial<Record<string, string>>;
  const field = missingProperty ?? additionalProperty ?? unevaluatedProperty;
  // JSON pointer (RFC 6901).
  const path = instancePath.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return field === undefined ? path : [...path, field];
}

import type { ErrorObject } from 'ajv/dist/2020.js';
import * as z from 'zod/mini';
import { endsWithin } from './bounded.ts';
import type { DeclaredType } from './event-types.ts';

/** The schema of a declared type's `data`. What its author left open is bounded here: how deep data is nested, and how long the check may take. */
export async function dataSchemaOf(declared: DeclaredType): Promise<z.ZodMiniType> {
  // A file of its own beside each bundle: where no type is declared it costs nothing.
  const { validatorOf } = await import('./json-schema.ts');
  const validate = validatorOf(declared.dataSchema);
  const isValid = z.superRefine((data, context) => {
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
  return z.unknown().check(isValid);
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

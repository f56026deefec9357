import type * as z from 'zod/mini';
import '../contracts/english.ts';
import type { FieldError } from '../contracts/problem.ts';

/** A request with a thousand bad fields is answered with the first of them. */
const maxErrors = 100;
const maxNameLength = 64;

/**
 * The bad fields of a value, each with a JSON pointer (RFC 6901, as a URI fragment) below `base`, and never with its value.
 *
 * @param base path of the value in the body, for example `[0]` for the first login of an array
 */
export function fieldErrors(error: z.core.$ZodError, base: readonly PropertyKey[] = []): FieldError[] {
  const all = error.issues
    .flatMap((issue): FieldError[] => {
      const path = [...base, ...issue.path];
      if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerTo(path), detail: issue.message }];
      return issue.keys.map((key) => ({ pointer: pointerTo([...path, key]), detail: 'is not a known field' }));
    })
    .toReversed();
  // The first thing that is wrong with a field is the one to mend.
  const byPointer = new Map(all.map((each) => [each.pointer, each]));
  return [...byPointer.values()].toReversed().slice(0, maxErrors);
}

/** `['a', 0]` is `#/a/0`. */
export function pointerTo(path: readonly PropertyKey[]): string {
  const token = (part: PropertyKey) =>
    encodeURIComponent(String(part).slice(0, maxNameLength).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'));
  return ['#', ...path.map(token)].join('/');
}

import * as z from 'zod/mini';

/** One bad field: a JSON pointer into the body, or the name of a query parameter behind `#/`; never its value. */
export const fieldError = z.object({ pointer: z.string(), detail: z.string() });
export type FieldError = z.infer<typeof fieldError>;

/** RFC 9457 problem details. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.optional(z.string()),
  errors: z.optional(z.array(fieldError)),
});
export type Problem = z.infer<typeof problem>;

/** The kinds of problem, with status and title. `type` is `https://loginward.dev/problems/<kind>`. */
export const problemKinds = {
  'invalid-request': [400, 'The request is not valid'],
  'invalid-cursor': [400, 'The cursor is not one of this list'],
  'no-account': [403, 'The token names no account'],
  'step-up-required': [403, 'This needs proof beyond the password'],
  'account-locked': [403, 'The account is locked'],
  'invalid-code': [400, 'The code is not right, or not any more'],
  'not-found': [404, 'There is no such thing'],
  conflict: [409, 'This cannot be done as things are'],
  'precondition-failed': [412, 'It has changed since you read it'],
  'too-large': [413, 'The request is too large'],
  'unsupported-media-type': [415, 'The content type is not supported'],
  'too-many-requests': [429, 'There were too many of these'],
  'internal-error': [500, 'Something failed on our side'],
  'bus-unavailable': [503, 'The bus did not confirm'],
} as const satisfies Record<string, readonly [number, string]>;
export type ProblemKind = keyof typeof problemKinds;

export const problemType = (kind: ProblemKind): string => `https://loginward.dev/problems/${kind}`;

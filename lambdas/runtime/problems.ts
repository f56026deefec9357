import { type FieldError, type Problem, type ProblemKind, problemKinds, problemType } from '../contracts/problem.ts';

/** A refusal, thrown by a route. */
export class ProblemError extends Error {
  readonly kind: ProblemKind;
  readonly detail: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    detail?: string,
    errors?: readonly FieldError[],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(problemKinds[kind][1]);
    this.kind = kind;
    this.detail = detail;
    this.errors = errors;
    this.headers = headers;
  }

  get status(): number {
    return problemKinds[this.kind][0];
  }
}

/** What a caller is told when the bus did not confirm. @param detail what to do about it */
export const busUnavailable = (detail: string): ProblemError => new ProblemError('bus-unavailable', detail, undefined, { 'retry-after': '5' });

/** The body of a refusal (RFC 9457). */
export function problemOf({ kind, detail, errors }: Pick<ProblemError, 'kind' | 'detail' | 'errors'>): Problem {
  const [status, title] = problemKinds[kind];
  return { type: problemType(kind), title, status, ...(detail && { detail }), ...(errors && { errors: [...errors] }) };
}

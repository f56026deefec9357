import type * as z from 'zod/mini';
import type { CloudEvent } from '../contracts/cloud-event.ts';
import type { PublishResults } from '../contracts/answers.ts';
import type { Problem } from '../contracts/problem.ts';
import type { Response } from '../runtime/http.ts';
import { busUnavailable, ProblemError, problemOf } from '../runtime/problems.ts';
import type { Publisher } from '../runtime/publisher.ts';
import { fieldErrors } from '../runtime/validation.ts';

/** One element of a posted batch: its event, or why it is none. */
export type Item = { readonly index: number } & (Publishable | { readonly problem: Problem });

/** An event, and the id that the caller gets for it. */
export interface Publishable {
  readonly id: string;
  readonly event: CloudEvent;
}

const maxItems = 100;

/**
 * The elements of a body that holds one or an array of up to 100.
 *
 * @throws ProblemError 413 for more than 100, 400 for none
 */
export function itemsOf<T>(
  json: unknown,
  isBatch: boolean,
  schema: z.ZodMiniType<T>,
  toPublish: (value: T) => Publishable,
): Item[] {
  const values = isBatch ? (json as unknown[]) : [json];
  if (values.length === 0) throw new ProblemError('invalid-request', undefined, [{ pointer: '#', detail: 'must not be empty' }]);
  if (values.length > maxItems) throw new ProblemError('too-large', `A batch holds at most ${maxItems}.`);
  return values.map((value, index): Item => {
    const { data, error } = schema.safeParse(value);
    if (error) {
      const errors = fieldErrors(error, isBatch ? [index] : []);
      return { index, problem: problemOf(new ProblemError('invalid-request', undefined, errors)) };
    }
    return { index, ...toPublish(data) };
  });
}

/**
 * Publishes the good ones; says what to answer, and which the bus has confirmed. The answer is 202 when the bus has confirmed all, 207 when some were bad or unconfirmed.
 *
 * @throws ProblemError 400 when none is good, 503 when the bus confirmed nothing
 */
export async function answerOf(items: readonly Item[], publisher: Publisher): Promise<{ response: Response; accepted: CloudEvent[] }> {
  const good = items.filter((item) => 'event' in item);
  if (good.length === 0) {
    const errors = items.flatMap((item) => ('problem' in item ? (item.problem.errors ?? []) : []));
    throw new ProblemError('invalid-request', undefined, errors.slice(0, maxItems));
  }
  const unconfirmed = await publisher.publish(good.map(({ event }) => event));
  if (unconfirmed.size === items.length) throw postAgain();
  const results: PublishResults['results'] = items.map((item) => {
    if ('problem' in item) return { index: item.index, status: item.problem.status, problem: item.problem };
    if (!unconfirmed.has(item.event)) return { index: item.index, status: 202, id: item.id };
    return { index: item.index, status: 503, id: item.id, problem: problemOf(postAgain()) };
  });
  return {
    response: { status: results.every(({ status }) => status === 202) ? 202 : 207, body: { results } },
    accepted: good.flatMap(({ event }) => (unconfirmed.has(event) ? [] : [event])),
  };
}

/** What to do about logins and events that the bus did not confirm. */
const postAgain = () => busUnavailable('Post it again; with an id and occurredAt that is harmless.');

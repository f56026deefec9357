import type { Event } from '../../lambdas/contracts/events.ts';
import type { ConsoleLogin, ConsoleVerdict } from './types.ts';

/** Bodies of events, newest first. */
export interface LoginEvents {
  readonly located: readonly string[];
  readonly decided: readonly string[];
  readonly completed: readonly string[];
}

/** The newest logins, newest first, each with its newest verdict. What an event holds of an address stays behind. */
export function readLogins({ located, decided, completed }: LoginEvents, max: number): ConsoleLogin[] {
  const logins = firstOf(events<'login.located'>(located), ({ data }) => data.loginId, max);
  const verdicts = new Map<string, Event<'verdict.decided'>['data']>();
  for (const { data } of events<'verdict.decided'>(decided)) {
    if (data.revision > (verdicts.get(data.loginId)?.revision ?? 0)) verdicts.set(data.loginId, data);
  }
  const outcomes = new Map([...events<'action.completed'>(completed)].map(({ subject, data }) => [`${subject} ${data.actionId}`, data.outcome]));
  const verdictOf = (accountId: string, loginId: string): ConsoleVerdict | null => {
    const found = verdicts.get(loginId);
    if (!found) return null;
    const actions = found.actions.map(({ actionId, response }) => ({ response, outcome: outcomes.get(`${accountId} ${actionId}`) ?? null }));
    return { triggers: found.triggers, responses: found.responses, actions };
  };
  return logins.map(({ subject, data: { loginId, country, unlocatedReason, occurredAt, outcome } }) => ({
    loginId,
    accountId: subject,
    country,
    unlocatedReason: unlocatedReason ?? null,
    occurredAt,
    outcome,
    verdict: verdictOf(subject, loginId),
  }));
}

/** Only what our own services published comes here. */
function* events<N extends 'login.located' | 'verdict.decided' | 'action.completed'>(bodies: readonly string[]): Generator<Event<N>> {
  for (const body of bodies) yield JSON.parse(body) as Event<N>;
}

/** The first of each key, up to so many keys; nothing behind them is read. */
function firstOf<T>(items: Iterable<T>, keyOf: (item: T) => string, max: number): T[] {
  const found = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (!found.has(key)) found.set(key, item);
    if (found.size >= max) break;
  }
  return [...found.values()];
}

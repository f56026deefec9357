import type { z } from 'zod';
import type { historyPage } from '../../lambdas/contracts/answers.ts';
import type { ChannelName } from '../../lambdas/contracts/primitives.ts';
import type { FieldError, Problem, ProblemKind } from '../../lambdas/contracts/problem.ts';
import type { SecuritySettings, shownTrip, TripBody } from '../../lambdas/contracts/settings.ts';
import type { Standing } from '../../lambdas/contracts/standing.ts';
import type { Verdict } from '../../lambdas/contracts/verdict.ts';
import type { Trouble } from './words/words.ts';

export type HistoryPage = z.infer<typeof historyPage>;
export type ShownTrip = z.infer<ReturnType<typeof shownTrip>>;

/** Settings, with the version that a change must name. */
export interface VersionedSettings {
  readonly settings: SecuritySettings;
  readonly etag: string;
}

/** What the page does with the API; each call throws `TroubleError`. */
export interface PlayerApi {
  logins(cursor?: string): Promise<HistoryPage>;
  verdict(loginId: string): Promise<Verdict>;
  dispute(loginId: string): Promise<{ disputedAt: string }>;
  confirm(loginId: string): Promise<{ confirmedAt: string }>;
  settings(): Promise<VersionedSettings>;
  saveSettings(wanted: SecuritySettings, etag: string): Promise<VersionedSettings>;
  trips(): Promise<readonly ShownTrip[]>;
  announceTrip(trip: TripBody): Promise<ShownTrip>;
  cancelTrip(id: string): Promise<void>;
  standing(): Promise<Standing>;
  askCode(channel: ChannelName): Promise<{ challengeId: string }>;
  answerCode(challengeId: string, code: string): Promise<void>;
}

/** A call that did not end well, as the page tells it. */
export class TroubleError extends Error {
  readonly trouble: Trouble;
  /** After how many seconds to try again. */
  readonly retryAfter: number | undefined;
  readonly errors: readonly FieldError[];

  constructor(trouble: Trouble, { retryAfter, errors = [] }: { retryAfter?: number | undefined; errors?: readonly FieldError[] | undefined } = {}) {
    super(trouble);
    this.trouble = trouble;
    this.retryAfter = retryAfter;
    this.errors = errors;
  }
}

export const isTrouble = (error: unknown, trouble: Trouble): boolean => error instanceof TroubleError && error.trouble === trouble;

/** @param onSignedOut told when the API does not take the token any more */
export function playerApi(token: string, onSignedOut: () => void): PlayerApi {
  const call = async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<{ body: T; etag: string }> => {
    const response = await reach(`/v1/me/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.status === 401) onSignedOut();
    if (!response.ok) throw await troubleOf(response);
    const text = await response.text();
    return { body: (text === '' ? undefined : JSON.parse(text)) as T, etag: response.headers.get('etag') ?? '' };
  };
  const bodyOf = async <T>(answer: Promise<{ body: T }>): Promise<T> => (await answer).body;
  const versioned = async (answer: Promise<{ body: SecuritySettings; etag: string }>): Promise<VersionedSettings> => {
    const { body, etag } = await answer;
    return { settings: body, etag };
  };
  return {
    logins: (cursor) => bodyOf(call('GET', `logins${cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`}`)),
    verdict: (loginId) => bodyOf(call('GET', `verdicts/${loginId}`)),
    dispute: (loginId) => bodyOf(call('POST', `logins/${loginId}/dispute`)),
    confirm: (loginId) => bodyOf(call('POST', `logins/${loginId}/confirm`)),
    settings: () => versioned(call('GET', 'security-settings')),
    saveSettings: (wanted, etag) => versioned(call('PUT', 'security-settings', wanted, etag === '' ? {} : { 'if-match': etag })),
    // An account has 20 trips at most.
    trips: async () => (await call<{ items: ShownTrip[] }>('GET', 'trips?limit=100')).body.items,
    announceTrip: (trip) => bodyOf(call('POST', 'trips', trip)),
    cancelTrip: async (id) => {
      await call('DELETE', `trips/${id}`);
    },
    standing: () => bodyOf(call('GET', 'standing')),
    askCode: (channel) => bodyOf(call('POST', 'challenges', { channel })),
    answerCode: async (challengeId, code) => {
      await call('POST', 'challenges/verify', { challengeId, code });
    },
  };
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch {
    throw new TroubleError(navigator.onLine ? 'unreachable' : 'offline');
  }
}

/** What a refusal means: a problem of the API, or what API Gateway says in its own words. */
async function troubleOf(response: Response): Promise<TroubleError> {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const known = { retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined };
  if (response.status === 401) return new TroubleError('signed-out');
  if (response.headers.get('content-type')?.includes('problem+json')) {
    const { type, errors } = (await response.json()) as Problem;
    return new TroubleError(type.slice(type.lastIndexOf('/') + 1) as ProblemKind, { ...known, errors });
  }
  return new TroubleError(response.status === 429 ? 'throttled' : 'unreachable', known);
}

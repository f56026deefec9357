import type { HistoryItem } from '../contracts/answers.ts';
import { canaryAccount } from '../contracts/metrics.ts';
import type { Telemetry } from '../runtime/telemetry.ts';

/** What the canary depends on: the HTTP API, as a login server and support use it. */
export interface Services {
  /** `POST /v1/logins`. @returns the loginId. @throws NoAnswerError when it was not accepted */
  readonly post: (login: CanaryLogin) => Promise<string>;
  /** The newest of `GET /v1/accounts/{accountId}/logins`. @throws NoAnswerError when there is no answer */
  readonly history: (accountId: string) => Promise<readonly Pick<HistoryItem, 'occurredAt' | 'verdict'>[]>;
  /** What this container knows of the times before. */
  readonly last: Last;
  readonly telemetry: Pick<Telemetry, 'measure' | 'error'>;
}

export interface Last {
  /** The loginId of the time before; nothing when this is the first time, or nothing was accepted. */
  loginId?: string | undefined;
  /** When the newest login that was seen with its verdict occurred. */
  arrived?: string | undefined;
}

/** The login of a minute. */
export interface CanaryLogin {
  readonly accountId: string;
  readonly id: string;
  readonly occurredAt: string;
  readonly ip: string;
}

/** The API did not do what it was asked for; the message says why, in our own words. */
export class NoAnswerError extends Error {}

/** An address of examples (RFC 5737, TEST-NET-1): no database has a country for it, so each of these logins is notable. */
const ip = '192.0.2.1';

/** A login may be so late: a chain that is behind has an alarm of its own, and stands still for nobody. */
const lateMinutes = 5;

/**
 * Looks whether one more login went the whole way since the time before, which its verdict in the history says, and posts the next one. A request without an
 * answer is as bad as a login that did not arrive. The first time there is nothing to look for, and so nothing to measure.
 *
 * @param time for which it is called; called again for it, it posts the same login
 */
export async function watchTheChain(time: Date, { post, history, last, telemetry }: Services): Promise<void> {
  const occurredAt = time.toISOString();
  const [seen, posted] = await Promise.allSettled([history(canaryAccount), post({ accountId: canaryAccount, id: occurredAt, occurredAt, ip })]);
  const reasons = [seen, posted].flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  for (const each of reasons) telemetry.error('The canary got no answer', { reason: each instanceof NoAnswerError ? each.message : 'Error' });
  const next = posted.status === 'fulfilled' ? posted.value : undefined;
  // EventBridge may call twice for the same time; what was posted a moment ago has had none to arrive in.
  const expected = last.loginId === next ? undefined : last.loginId;
  last.loginId = next;
  const newest = seen.status === 'fulfilled' ? newestJudged(seen.value, time) : undefined;
  const isLater = newest !== undefined && (last.arrived === undefined || newest > last.arrived);
  if (isLater && (expected !== undefined || last.arrived === undefined)) last.arrived = newest;
  if (expected !== undefined && !isLater) telemetry.error('The canary has not arrived', { loginId: expected });
  if (reasons.length > 0) telemetry.measure('CanaryArrived', 0);
  else if (expected !== undefined) telemetry.measure('CanaryArrived', isLater ? 1 : 0);
}

/** When the newest login before a time that has its verdict occurred, unless that is too long ago. */
function newestJudged(items: readonly Pick<HistoryItem, 'occurredAt' | 'verdict'>[], time: Date): string | undefined {
  const isInTime = ({ occurredAt }: { occurredAt: string }) => {
    const age = time.getTime() - Date.parse(occurredAt);
    return age > 0 && age <= lateMinutes * 60_000;
  };
  return items
    .filter((item) => item.verdict !== undefined && isInTime(item))
    .map((item) => item.occurredAt)
    .toSorted()
    .at(-1);
}

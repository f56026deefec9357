import type { HistoryItem } from '../contracts/http.ts';
import { canaryAccount } from '../contracts/metrics.ts';
import type { Telemetry } from '../runtime/telemetry.ts';

/** What the canary depends on: the HTTP API, as a login server and support use it. */
export interface Services {
  /** `POST /v1/logins`. @returns the loginId. @throws NoAnswerError when it was not accepted */
  readonly post: (login: CanaryLogin) => Promise<string>;
  /** The newest of `GET /v1/accounts/{accountId}/logins`. @throws NoAnswerError when there is no answer */
  readonly history: (accountId: string) => Promise<readonly Pick<HistoryItem, 'id' | 'verdict'>[]>;
  /** The loginId of the time before; nothing when this is the first time in this container, or nothing was accepted. */
  readonly last: { loginId: string | undefined };
  readonly telemetry: Pick<Telemetry, 'measure' | 'error'>;
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

/**
 * Looks whether the login of the time before went the whole way, which its verdict in the history says, and posts the next one. A request without an
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
  const stands = seen.status === 'fulfilled' && seen.value.some(({ id, verdict }) => id === expected && verdict !== undefined);
  if (expected !== undefined && !stands) telemetry.error('The canary has not arrived', { loginId: expected });
  if (reasons.length > 0) telemetry.measure('CanaryArrived', 0);
  else if (expected !== undefined) telemetry.measure('CanaryArrived', stands ? 1 : 0);
}

import { z } from 'zod';
import { eventMessage, loginAcceptedMessage } from '../../lambdas/runtime/event-log.ts';

/** A line that a stage has logged of an event, as far as a trace tells it. */
const line = z.object({
  message: z.enum([eventMessage, loginAcceptedMessage]),
  timestamp: z.iso.datetime(),
  service: z.string(),
  eventType: z.string(),
  loginId: z.string().optional(),
  traceId: z.string().optional(),
  outcome: z.enum(['emitted', 'swallowed', 'failed', 'parked']).optional(),
  emitted: z.array(z.string()).optional(),
  ageSeconds: z.number().optional(),
  reason: z.string().optional(),
  subscription: z.string().optional(),
  delivery: z.string().optional(),
});
export type Line = z.infer<typeof line>;

/** Where lines are looked up. */
export interface Logs {
  /** Lines of which one of these fields has one of these values. */
  find(field: 'loginId' | 'traceId', values: readonly string[]): Promise<Line[]>;
}

/** What a log's line says of an event; nothing when it is another line. */
export function lineIn(text: string): Line | undefined {
  // Most lines are metrics; reading them all would take long.
  if (!text.includes(eventMessage) && !text.includes(loginAcceptedMessage)) return undefined;
  try {
    return line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** All lines of one login: those with its id, and of its traces those that name no login. A request may carry several logins in one trace. */
export async function linesOf(loginId: string, logs: Logs): Promise<Line[]> {
  const own = await logs.find('loginId', [loginId]);
  const traces = [...new Set(own.flatMap(({ traceId }) => traceId ?? []))];
  const others = traces.length === 0 ? [] : await logs.find('traceId', traces);
  return [...own, ...others.filter((each) => each.loginId === undefined)];
}

import * as z from 'zod/mini';
import type { NoticeCaps } from '../contracts/actions.ts';
import type { ChannelName } from '../contracts/primitives.ts';
import type { SentLog } from './sent-log.ts';

/** The caps as the deployment hands them over. */
export const noticeCaps: z.ZodMiniType<NoticeCaps> = z.object({
  smsPerAccountAndDay: z.int().check(z.minimum(0)),
  smsPerDay: z.int().check(z.minimum(0)),
  emailsPerAccountAndDay: z.int().check(z.minimum(0)),
});

/** What all accounts together used up is counted under an accountId that no account can have. */
const deployment = '~deployment';

/** The day of a moment, UTC: `2026-11-21`. */
export const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10);

/**
 * Counts one more message of a day (UTC), unless a cap is reached. It is counted before the claim under which the message goes out: a crash
 * between the two counts it again, so that it may be one too many and is never too few.
 */
export async function countWithin(
  caps: NoticeCaps,
  { accountId, channel }: { readonly accountId: string; readonly channel: ChannelName },
  sentLog: SentLog,
  now: Date,
): Promise<boolean> {
  const counter = `~count#${channel}#${dayOf(now)}`;
  if (channel === 'email') return sentLog.count(accountId, counter, caps.emailsPerAccountAndDay);
  return (await sentLog.count(accountId, counter, caps.smsPerAccountAndDay)) && sentLog.count(deployment, counter, caps.smsPerDay);
}

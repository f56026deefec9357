import type { Trigger } from '../contracts/primitives.ts';
import type { ActionOutcome } from '../contracts/verdict.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import { type ChannelName, type Channels, type Message, RefusedError } from './channels.ts';
import type { Contact, Contacts } from './contacts.ts';
import type { Sending, SentLog } from './sent-log.ts';

/** What sending depends on. */
export interface Dependencies {
  readonly contacts: Contacts;
  readonly sentLog: SentLog;
  readonly channels: Channels;
  readonly telemetry: Pick<Telemetry, 'count' | 'error'>;
  readonly now: () => Date;
}

/** One message to one player, under an id that makes sending it twice detectable. */
export interface Notice {
  readonly accountId: string;
  readonly actionId: string;
  readonly channel: ChannelName;
  readonly staleAfter: string;
  readonly triggers: readonly Trigger[];
  readonly country: string | null;
  readonly words: (contact: Contact) => { subject: string; text: string };
}

export interface Ended {
  readonly outcome: ActionOutcome;
  readonly detail?: string | undefined;
}

/** How long one that sends may take before others may think that it has died; far above the function's time-out. */
const leaseSeconds = 40;
/** How often a message that the provider refused is tried; less often than a record is received. */
const maxAttempts = 4;

/** Somebody else is sending this right now, or the provider refused it for the moment: the record is to come back. */
class TryAgain extends Error {}

/**
 * Sends a notice under a leased claim. An SMS goes out at most once: when whoever claimed it died before telling how it ended,
 * it is `unknown` and stays so. An e-mail goes out at least once: the next one takes the claim over and sends it.
 *
 * @throws an error when the record is to come back
 */
export async function deliver(notice: Notice, services: Dependencies): Promise<Ended> {
  const { accountId, actionId, channel } = notice;
  const { sentLog, now } = services;
  const found = await sentLog.find(accountId, actionId);
  if (found?.state === 'ended') return { outcome: found.outcome, detail: found.detail };
  if (found && Date.parse(found.leaseUntil) > now().getTime()) throw new TryAgain('being sent');
  if (found && found.leaseUntil !== released && channel === 'sms') return end(notice, { outcome: 'unknown' }, services);
  if (now().getTime() > Date.parse(notice.staleAfter)) return end(notice, { outcome: 'stale' }, services);
  const contact = await services.contacts.current(accountId);
  const to = contact?.[channel === 'sms' ? 'phone' : 'email'];
  if (contact === undefined || to === undefined) return end(notice, { outcome: 'no_contact' }, services);
  const claim = await takeClaim(notice, found, services);
  const { triggers, country } = notice;
  const message = { to, ...notice.words(contact), context: { accountId, actionId, triggers, country } };
  return send(notice, message, claim, services);
}

type Claim = Extract<Sending, { state: 'claimed' }>;

/** The lease of a claim whose message was surely not sent: whoever comes next may send it. */
const released = new Date(0).toISOString();

async function takeClaim({ accountId, actionId }: Notice, found: Claim | undefined, { sentLog, now }: Dependencies): Promise<Claim> {
  const leaseUntil = new Date(now().getTime() + leaseSeconds * 1000).toISOString();
  const claim: Claim = { state: 'claimed', leaseUntil, attempts: (found?.attempts ?? 0) + 1 };
  if (!(await sentLog.claim(accountId, actionId, claim, found))) throw new TryAgain('being sent');
  return claim;
}

async function send(notice: Notice, message: Message, claim: Claim, services: Dependencies): Promise<Ended> {
  const { accountId, actionId, channel } = notice;
  try {
    await services.channels[channel].send(message);
  } catch (error) {
    if (!(error instanceof RefusedError)) {
      // Nobody knows whether it went out. An SMS is not risked again; an e-mail is, once the lease has ended.
      if (channel === 'sms') return end(notice, { outcome: 'unknown' }, services);
      throw error;
    }
    if (claim.attempts >= maxAttempts) return end(notice, { outcome: 'failed', detail: error.message }, services);
    await services.sentLog.claim(accountId, actionId, { ...claim, leaseUntil: released }, claim);
    throw new TryAgain(error.message);
  }
  return end(notice, { outcome: 'done' }, services);
}

const metrics = {
  done: 'NotificationSent',
  failed: 'NotificationFailed',
  unknown: 'NotificationUnknown',
  no_contact: 'NotificationNoContact',
  stale: 'NotificationStale',
} as const;

async function end({ accountId, actionId }: Notice, ended: Ended, { sentLog, telemetry }: Dependencies): Promise<Ended> {
  await sentLog.end(accountId, actionId, ended.outcome, ended.detail);
  telemetry.count(metrics[ended.outcome]);
  if (ended.outcome === 'failed') telemetry.error('A notice failed for good', { actionId, reason: ended.detail });
  return ended;
}

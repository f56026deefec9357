import type { Event } from '../contracts/events.ts';
import type { ChannelName, Trigger } from '../contracts/primitives.ts';
import { ComeBackError } from '../runtime/record-queue.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import { type Channels, RefusedError } from '../runtime/channels.ts';
import type { Contact, Contacts } from '../runtime/contacts.ts';
import { type Claim, type Ended, released, type Sending, type SentLog } from './sent-log.ts';

/** What sending depends on. */
export interface Dependencies {
  readonly contacts: Contacts;
  readonly sentLog: SentLog;
  readonly channels: Channels;
  readonly telemetry: Pick<Telemetry, 'count' | 'error'>;
  readonly now: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** An event that asks for notices. */
export type Asking = Event<'action.requested'> | Event<'settings.changed'>;

/** One message to one player, under an id that makes sending it twice detectable. */
export interface Notice {
  readonly accountId: string;
  readonly actionId: string;
  readonly channel: ChannelName;
  readonly staleAfter: string;
  readonly triggers: readonly Trigger[];
  readonly country: string | null;
  readonly words: (contact: Contact) => { subject: string; text: string };
  /** What asked for it, kept while the account has no contact. */
  readonly askedBy: Asking;
}

/** How long one that sends may take before others may think that it has died; far above the function's time-out. */
const leaseSeconds = 40;
/** How often a message that the provider refused is tried; less often than a record is received. */
const maxAttempts = 4;
/** How long to wait when the provider was throttling or a quota was used up: 1, 4, then 16 minutes, and up to a quarter more. */
const quotaSeconds = (attempt: number, random: () => number): number => Math.ceil(60 * 4 ** (attempt - 1) * (1 + random() / 4));

/**
 * Sends a notice under a leased claim. An SMS goes out at most once: when whoever claimed it died before telling how it ended,
 * it is `unknown` and stays so. An e-mail goes out at least once: the next one takes the claim over and sends it. Without a contact
 * it ends as `no_contact`, and goes out when the contact comes before it is stale.
 *
 * @throws an error when the record is to come back
 */
export async function deliver(notice: Notice, services: Dependencies): Promise<Ended> {
  const { sentLog, now } = services;
  const found = await sentLog.find(notice.accountId, notice.actionId);
  if (found?.state === 'ended' && found.outcome !== 'no_contact') return found;
  if (found?.state === 'claimed') {
    const lease = Date.parse(found.leaseUntil) - now().getTime();
    if (lease > 0) throw new ComeBackError('being sent', Math.ceil(lease / 1000));
    if (found.leaseUntil !== released && notice.channel === 'sms') return end(notice, found, { outcome: 'unknown' }, services);
  }
  if (now().getTime() > Date.parse(notice.staleAfter)) {
    return found?.state === 'ended' ? found : end(notice, found, { outcome: 'stale' }, services);
  }
  const recipient = await recipientOf(notice, services);
  if (recipient) return send(notice, recipient, await takeClaim(notice, found, services), services);
  if (found?.state === 'ended') return found;
  const ended = await end(notice, found, { outcome: 'no_contact' }, services);
  // A contact that came since we looked for it has found no notice waiting.
  return (await recipientOf(notice, services)) ? deliver(notice, services) : ended;
}

interface Recipient {
  readonly to: string;
  readonly contact: Contact;
}

async function recipientOf({ accountId, channel }: Notice, { contacts }: Dependencies): Promise<Recipient | undefined> {
  const contact = (await contacts.versions(accountId))[0];
  const to = contact?.[channel === 'sms' ? 'phone' : 'email'];
  return contact && to !== undefined ? { to, contact } : undefined;
}

async function takeClaim({ accountId, actionId }: Notice, found: Sending | undefined, { sentLog, now }: Dependencies): Promise<Claim> {
  const leaseUntil = new Date(now().getTime() + leaseSeconds * 1000).toISOString();
  const claim: Claim = { state: 'claimed', leaseUntil, attempts: (found?.state === 'claimed' ? found.attempts : 0) + 1 };
  if (!(await sentLog.replace(accountId, actionId, found, claim))) throw new ComeBackError('being sent', leaseSeconds);
  return claim;
}

async function send(notice: Notice, { to, contact }: Recipient, claim: Claim, services: Dependencies): Promise<Ended> {
  const { accountId, actionId, channel, triggers, country } = notice;
  try {
    await services.channels[channel].send({ to, ...notice.words(contact), context: { accountId, actionId, triggers, country } });
  } catch (error) {
    const wasRefused = error instanceof RefusedError;
    // Nobody knows whether an SMS went out that was not refused; it is not risked again.
    if (!wasRefused && channel === 'sms') return end(notice, claim, { outcome: 'unknown' }, services);
    if (wasRefused && claim.attempts >= maxAttempts) return end(notice, claim, { outcome: 'failed', detail: error.message }, services);
    await services.sentLog.replace(accountId, actionId, claim, { ...claim, leaseUntil: released });
    if (wasRefused && error.isQuota) throw new ComeBackError(error.message, quotaSeconds(claim.attempts, services.random));
    throw error;
  }
  return end(notice, claim, { outcome: 'done' }, services);
}

const metrics = {
  done: 'NotificationSent',
  failed: 'NotificationFailed',
  unknown: 'NotificationUnknown',
  no_contact: 'NotificationNoContact',
  stale: 'NotificationStale',
} as const;

async function end(notice: Notice, found: Sending | undefined, ended: Omit<Ended, 'state'>, services: Dependencies): Promise<Ended> {
  const { accountId, actionId, askedBy, staleAfter } = notice;
  const entry: Ended = { state: 'ended', ...ended };
  const waiting = ended.outcome === 'no_contact' ? { askedBy, staleAfter } : undefined;
  if (!(await services.sentLog.replace(accountId, actionId, found, entry, waiting))) throw new ComeBackError('ended by another');
  services.telemetry.count(metrics[ended.outcome]);
  if (ended.outcome === 'failed') services.telemetry.error('A notice failed for good', { actionId, reason: ended.detail });
  return entry;
}

import { RefusedError } from '../runtime/channels.ts';
import { hashId } from '../runtime/ids.ts';
import { ComeBackError } from '../runtime/record-queue.ts';
import { countWithin } from './caps.ts';
import type { Dependencies, Notice } from './notice.ts';
import type { Recipient } from './recipients.ts';
import { type Claim, type HowItEnded, released, type Sending } from './sent-log.ts';
import type { Words } from './words.ts';

/** How long one that sends may take before others may think that it has died; far above the function's time-out. */
const leaseSeconds = 40;
/** How often a message that the provider refused is tried; less often than a record is received. */
const maxAttempts = 4;
/** How long to wait when the provider was throttling or a quota was used up: 1, 4, then 16 minutes, and up to a quarter more. */
const quotaSeconds = (attempt: number, random: () => number): number => Math.ceil(60 * 4 ** (attempt - 1) * (1 + random() / 4));

/** A message to one recipient: a claim of its own in the sent log. */
interface Letter {
  readonly id: string;
  readonly notice: Notice;
  readonly recipient: Recipient;
}

/**
 * Sends to one recipient under a leased claim. An SMS goes out at most once: when whoever claimed it died before telling how it ended,
 * it is `unknown` and stays so. An e-mail goes out at least once: the next one takes the claim over and sends it.
 *
 * @param mayStart false when only what was begun is to end
 * @returns nothing when a cap is reached
 * @throws an error when the record is to come back
 */
export async function sendOnce(notice: Notice, recipient: Recipient, services: Dependencies, mayStart: boolean): Promise<HowItEnded | undefined> {
  const { sentLog, now } = services;
  const letter: Letter = { id: hashId(notice.actionId, recipient.to), notice, recipient };
  const found = await sentLog.find(notice.accountId, letter.id);
  if (found?.state === 'ended') return { outcome: found.outcome, detail: found.detail };
  if (found) {
    const lease = Date.parse(found.leaseUntil) - now().getTime();
    if (lease > 0) throw new ComeBackError('being sent', Math.ceil(lease / 1000));
    if (found.leaseUntil !== released && recipient.channel === 'sms') return end(letter, found, { outcome: 'unknown' }, services);
  }
  if (!mayStart) return { outcome: 'stale' };
  const words = await notice.words(recipient.contact);
  if (!found && notice.pastCap && !(await mayGoOut(letter, services))) return undefined;
  return send(letter, words, await takeClaim(letter, found, services), services);
}

async function mayGoOut({ notice: { accountId }, recipient: { channel } }: Letter, { caps, sentLog, telemetry, now }: Dependencies): Promise<boolean> {
  const isWithin = await countWithin(caps, { accountId, channel }, sentLog, now());
  if (!isWithin) telemetry.count('NotificationCapped');
  return isWithin;
}

async function takeClaim({ id, notice }: Letter, found: Sending | undefined, { sentLog, now }: Dependencies): Promise<Claim> {
  const leaseUntil = new Date(now().getTime() + leaseSeconds * 1000).toISOString();
  const claim: Claim = { state: 'claimed', leaseUntil, attempts: (found?.state === 'claimed' ? found.attempts : 0) + 1 };
  if (!(await sentLog.replace(notice.accountId, id, found, claim))) throw new ComeBackError('being sent', leaseSeconds);
  return claim;
}

async function send(letter: Letter, words: Words, claim: Claim, services: Dependencies): Promise<HowItEnded> {
  const { id, notice, recipient } = letter;
  const { accountId, actionId, triggers, country } = notice;
  const { channel, to } = recipient;
  try {
    await services.channels[channel].send({ to, ...words, context: { accountId, actionId, triggers, country } });
  } catch (error) {
    const wasRefused = error instanceof RefusedError;
    // Nobody knows whether an SMS went out that was not refused; it is not risked again.
    if (!wasRefused && channel === 'sms') return end(letter, claim, { outcome: 'unknown' }, services);
    if (wasRefused && claim.attempts >= maxAttempts) return end(letter, claim, { outcome: 'failed', detail: error.message }, services);
    await services.sentLog.replace(accountId, id, claim, { ...claim, leaseUntil: released });
    if (wasRefused && error.isQuota) throw new ComeBackError(error.message, quotaSeconds(claim.attempts, services.random));
    throw error;
  }
  return end(letter, claim, { outcome: 'done' }, services);
}

const metrics = { done: 'NotificationSent', failed: 'NotificationFailed', unknown: 'NotificationUnknown' } as const;

/** How sending to one recipient can end. */
interface LetterEnd extends HowItEnded {
  readonly outcome: keyof typeof metrics;
}

async function end({ id, notice: { accountId, actionId } }: Letter, found: Sending, ended: LetterEnd, services: Dependencies): Promise<HowItEnded> {
  if (!(await services.sentLog.replace(accountId, id, found, { state: 'ended', ...ended }))) throw new ComeBackError('ended by another');
  services.telemetry.count(metrics[ended.outcome]);
  if (ended.outcome === 'failed') services.telemetry.error('A notice failed for good', { actionId, reason: ended.detail });
  return ended;
}

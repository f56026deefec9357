import { RefusedError } from '../runtime/channels.ts';
import { hashId } from '../runtime/ids.ts';
import { ComeBackError } from '../runtime/failures.ts';
import { countWithin } from './caps.ts';
import type { Dependencies, Notice } from './notice.ts';
import type { Recipient } from './recipients.ts';
import { type Claim, type HowItEnded, released } from './sent-log.ts';
import type { Words } from './words.ts';

/** How long one that sends may take before others may think that it has died; far above the function's time-out. */
const leaseSeconds = 40;
/** How often a message that the provider refused is tried; less often than a record is received. */
const maxAttempts = 4;
/** How long to wait when the provider was throttling or a quota was used up: 1, 4, then 16 minutes, and up to a quarter more. */
const quotaSeconds = (attempt: number, random: () => number): number => Math.ceil(60 * 4 ** (attempt - 1) * (1 + random() / 4));

/** While another sends: how long until one looks again, and how often. */
const lookAgainMilliseconds = 250;
const maxWaits = 12;

/** A message to one recipient: a claim of its own in the sent log, which all notices of the same topic share. */
interface Letter {
  readonly id: string;
  readonly notice: Notice;
  readonly recipient: Recipient;
}

/**
 * Sends to one recipient under a leased claim. An SMS goes out at most once: when whoever claimed it died before telling how it ended,
 * it is `unknown` and stays so. An e-mail goes out at least once: the next one takes the claim over and sends it. While another holds
 * the claim, as when both actions of a login are handled at the same moment, it waits a little for that to end.
 *
 * @param mayStart false when only what was begun is to end
 * @throws an error when the record is to come back
 */
export async function sendOnce(notice: Notice, recipient: Recipient, services: Dependencies, mayStart: boolean): Promise<HowItEnded | 'capped'> {
  const { sentLog, now, wait } = services;
  const letter: Letter = { id: hashId(notice.topic, recipient.to), notice, recipient };
  for (let waits = 0; ; waits += 1) {
    const found = await sentLog.find(notice.accountId, letter.id);
    if (found?.state === 'ended') return { outcome: found.outcome, detail: found.detail };
    const rest = found?.notBefore === undefined ? 0 : Date.parse(found.notBefore) - now().getTime();
    if (rest > 0) throw new ComeBackError('the provider was throttling', Math.ceil(rest / 1000));
    const lease = found ? Date.parse(found.leaseUntil) - now().getTime() : 0;
    const sent = lease > 0 ? 'held' : await sendUnlessHeld(letter, found, services, mayStart);
    if (sent !== 'held') return sent;
    if (waits === maxWaits) throw new ComeBackError('being sent', lease > 0 ? Math.ceil(lease / 1000) : leaseSeconds);
    await wait(lookAgainMilliseconds);
  }
}

/** @returns `held` when another claims it first */
async function sendUnlessHeld(letter: Letter, found: Claim | undefined, services: Dependencies, mayStart: boolean): Promise<HowItEnded | 'capped' | 'held'> {
  const { notice, recipient } = letter;
  const wasBegun = found !== undefined && found.attempts > 0;
  if (wasBegun && found.leaseUntil !== released && recipient.channel === 'sms') return end(letter, found, { outcome: 'unknown' }, services);
  if (!mayStart) return { outcome: 'stale' };
  const words = await notice.words(recipient.contact);
  const claim = wasBegun || !notice.pastCap?.[recipient.channel] ? await takeClaim(letter, found, services) : await takeCounted(letter, found, services);
  return typeof claim === 'string' ? claim : send(letter, words, claim, services);
}

async function takeClaim(letter: Letter, found: Claim | undefined, services: Dependencies, attempts = (found?.attempts ?? 0) + 1): Promise<Claim | 'held'> {
  const claim: Claim = { state: 'claimed', leaseUntil: new Date(services.now().getTime() + leaseSeconds * 1000).toISOString(), attempts, holder: services.newWord() };
  return (await services.sentLog.replace(letter.notice.accountId, letter.id, found, claim)) ? claim : 'held';
}

/**
 * A claim that counts against the caps. Whoever is to count reserves the letter first, by a claim without an attempt: of several who
 * would send it at the same moment one counts, and the others wait for what comes of it.
 */
async function takeCounted(letter: Letter, found: Claim | undefined, services: Dependencies): Promise<Claim | 'capped' | 'held'> {
  const { id, notice: { accountId }, recipient: { channel } } = letter;
  const { caps, sentLog, telemetry, now } = services;
  const reserved = await takeClaim(letter, found, services, 0);
  if (reserved === 'held') return 'held';
  if (await countWithin(caps, { accountId, channel }, sentLog, now())) return takeClaim(letter, reserved, services);
  await sentLog.replace(accountId, id, reserved, { ...reserved, leaseUntil: released });
  telemetry.count('NotificationCapped');
  return 'capped';
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
    if (!(wasRefused && error.isQuota)) {
      await services.sentLog.replace(accountId, id, claim, { ...claim, leaseUntil: released });
      throw error;
    }
    const seconds = quotaSeconds(claim.attempts, services.random);
    const notBefore = new Date(services.now().getTime() + seconds * 1000).toISOString();
    await services.sentLog.replace(accountId, id, claim, { ...claim, leaseUntil: released, notBefore });
    throw new ComeBackError(error.message, seconds);
  }
  return end(letter, claim, { outcome: 'done' }, services);
}

const metrics = { done: 'NotificationSent', failed: 'NotificationFailed', unknown: 'NotificationUnknown' } as const;

/** How sending to one recipient can end. */
interface LetterEnd extends HowItEnded {
  readonly outcome: keyof typeof metrics;
}

async function end({ id, notice: { accountId, actionId } }: Letter, found: Claim, ended: LetterEnd, services: Dependencies): Promise<HowItEnded> {
  if (!(await services.sentLog.replace(accountId, id, found, { state: 'ended', ...ended }))) throw new ComeBackError('ended by another');
  services.telemetry.count(metrics[ended.outcome]);
  if (ended.outcome === 'failed') {
    services.telemetry.error('A notice failed for good', { actionId, reason: ended.detail });
    // The alarm takes the difference of both.
    services.telemetry.zero('NotificationSent');
  }
  return ended;
}

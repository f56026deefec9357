import type { ChannelName, Locale } from '../contracts/primitives.ts';
import { type Channels, RefusedError } from '../runtime/channels.ts';
import { ComeBackError } from '../runtime/failures.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import { type Asker, type Challenges, codeMinutes } from './challenges.ts';
import { codeDigestOf, newCode, type RandomInt } from './codes.ts';
import type { Limits } from './limits.ts';
import { codeText, type Purpose } from './words.ts';

/** What sending a code depends on. */
export interface Sending {
  readonly challenges: Challenges;
  readonly limits: Pick<Limits, 'giveBackSms'>;
  readonly isErased: (accountId: string) => Promise<boolean>;
  readonly channels: Channels;
  readonly telemetry: Pick<Telemetry, 'count' | 'zero'>;
  readonly randomInt: RandomInt;
  readonly now: () => Date;
}

/** Where a code goes. */
export interface Recipient {
  readonly channel: ChannelName;
  readonly to: string;
}

/** A code that is to be sent. */
export interface Asked extends Recipient {
  readonly challenge: string;
  readonly codeKey: string;
  readonly accountId: string;
  readonly asker: Asker;
  readonly locale: Locale | undefined;
  readonly purpose: Purpose;
}

/** How long to wait when the provider was throttling or a quota was used up; whoever asked still waits then. */
const quotaSeconds = 60;

/**
 * Makes a code, claims its challenge, and sends it. When whoever claimed it died before sending, nothing is sent: the player asks
 * again. Nobody knows whether an SMS went out that was neither taken nor refused, so it is not risked again, while an e-mail is.
 *
 * @throws an error when the record is to come back
 */
export async function sendCode(asked: Asked, services: Sending): Promise<void> {
  const { challenge, codeKey, accountId, asker, channel, to, locale, purpose } = asked;
  const { challenges, channels, telemetry, now } = services;
  const code = newCode(services.randomInt);
  const codeDigest = codeDigestOf(codeKey, code);
  const askedAt = now();
  const endsAt = new Date(askedAt.getTime() + codeMinutes * 60_000).toISOString();
  if (!(await challenges.claim({ challenge, accountId, codeDigest, channel, asker, endsAt }))) return;
  // An erasure that came before the claim has not seen it; one that comes after finds it.
  if (await services.isErased(accountId)) return challenges.release(challenge);
  try {
    const context = { accountId, actionId: challenge, triggers: [], country: null };
    await channels[channel].send({ to, ...codeText(code, purpose, locale), context });
  } catch (error) {
    const wasRefused = error instanceof RefusedError;
    if (!wasRefused && channel === 'sms') return telemetry.count('NotificationUnknown');
    await challenges.release(challenge);
    if (wasRefused && channel === 'sms') await services.limits.giveBackSms(askedAt);
    if (wasRefused && error.isQuota) throw new ComeBackError(error.message, quotaSeconds);
    // An address that the provider takes nothing for will not work the next time either.
    if (wasRefused) {
      telemetry.count('NotificationFailed');
      // The alarm takes the difference of both.
      return telemetry.zero('CodeSent');
    }
    throw error;
  }
  telemetry.count('CodeSent');
}

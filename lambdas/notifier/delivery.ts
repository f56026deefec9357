import type { ChannelName } from '../contracts/primitives.ts';
import type { ActionOutcome } from '../contracts/verdict.ts';
import { ComeBackError } from '../runtime/failures.ts';
import { allTried } from './all-tried.ts';
import { sendOnce } from './letter.ts';
import type { AskedNotice, Dependencies, InPlace, Notice } from './notice.ts';
import { recipientsOf } from './recipients.ts';
import type { Ended, HowItEnded } from './sent-log.ts';

/**
 * Tells the player, and keeps how that ended. Without a contact it ends as `no_contact`, and goes out when the contact comes before it is
 * stale.
 *
 * @throws an error when the record is to come back
 */
export async function deliver(asked: AskedNotice, services: Dependencies): Promise<Ended> {
  const { accountId, actionId, askedBy } = asked;
  const found = await services.sentLog.find(accountId, actionId);
  if (found?.state === 'ended' && found.outcome !== 'no_contact') return found;
  const told = await tell(asked, services);
  // What found no contact before stays so when there is none yet, and when it is too late for one.
  const isNews = told.outcome !== 'no_contact' && (told.outcome !== 'stale' || told.detail !== undefined);
  if (found?.state === 'ended' && !isNews) return found;
  const entry: Ended = { state: 'ended', ...told };
  const until = new Date(asked.whenStale?.until ?? asked.staleAfter).toISOString();
  const waiting = told.outcome === 'no_contact' ? { askedBy, staleAfter: until } : undefined;
  if (!(await services.sentLog.replace(accountId, actionId, found, entry, waiting))) throw new ComeBackError('ended by another');
  if (told.outcome === 'stale') services.telemetry.count('NotificationStale');
  if (told.outcome !== 'no_contact') return entry;
  services.telemetry.count('NotificationNoContact');
  // A contact that came since we looked for it has found no notice waiting.
  return deliver(asked, services);
}

/** Sends a notice, or what goes out in its place when it is stale. */
async function tell(asked: AskedNotice, services: Dependencies): Promise<HowItEnded> {
  const { staleAfter, whenStale } = asked;
  const now = services.now().getTime();
  if (now <= Date.parse(staleAfter)) return (await sendToAll(asked, services)) ?? { outcome: 'no_contact' };
  const before = await sendToAll(asked, services, false);
  if (before && before.outcome !== 'stale') return before;
  if (!whenStale || now > Date.parse(whenStale.until)) return { outcome: 'stale' };
  const told = (await sendToAll(whenStale.notice, services)) ?? { outcome: 'no_contact' };
  return told.outcome === 'done' ? { outcome: 'stale', detail: whenStale.detail } : told;
}

/** Of several outcomes the first of these counts. */
const order: readonly ActionOutcome[] = ['done', 'unknown', 'failed', 'stale'];

/**
 * Sends a notice to each of its recipients, under a claim for each. All are tried before one makes the record come back.
 *
 * @param mayStart false when nothing is to go out any more, and only what was begun is to end
 * @returns how it ended; nothing without a recipient
 */
async function sendToAll(notice: Notice, services: Dependencies, mayStart = true): Promise<HowItEnded | undefined> {
  const recipients = recipientsOf(await services.contacts.versions(notice.accountId), notice.channels, services.now());
  const capped = new Set<ChannelName>();
  const letters = recipients.map(async (recipient) => {
    const sent = await sendOnce(notice, recipient, services, mayStart);
    if (sent === 'capped') capped.add(recipient.channel);
    return sent;
  });
  const tries: Promise<HowItEnded | 'capped'>[] = letters;
  // What goes out in place of one letter may be another one of these: it begins when they have ended, and each when the last has.
  await Promise.allSettled(tries);
  for (const channel of capped) {
    tries.push(sendInPlace(notice.pastCap?.[channel], services));
    await Promise.allSettled(tries);
  }
  const told = (await allTried(tries)).filter((each) => each !== 'capped');
  return told.toSorted((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome))[0];
}

/** Sends what goes out in place of a notice past a cap. */
async function sendInPlace(inPlace: InPlace | undefined, services: Dependencies): Promise<HowItEnded> {
  const told = inPlace && (await sendToAll(inPlace.notice, services));
  if (!told) return { outcome: 'failed', detail: 'past the cap, and no address to tell it in another way' };
  return told.outcome === 'done' ? { ...told, detail: told.detail ?? inPlace.detail } : told;
}

import type { Event } from '../contracts/events.ts';
import type { ChannelName } from '../contracts/primitives.ts';
import { hashId } from '../runtime/ids.ts';
import { hourOf, placeOf } from '../runtime/notice-id.ts';
import { type NotMeClaim, notMeToken } from '../runtime/not-me-link.ts';
import { dayOf } from './caps.ts';
import type { AskedNotice, Notice } from './notice.ts';
import { channelsOf, settingsWords } from './settings-words.ts';
import { digestWords, loginWords, otherWords, standingWords } from './words.ts';

/** What the links in notices are made of. */
export interface Links {
  /** The secret that they are signed with. A failing read lets the record come back. */
  readonly linkSecret: () => Promise<string>;
  /** Where players reach the HTTP API, without a slash at the end. */
  readonly publicUrl: string;
  readonly now: () => Date;
}

/** Settings and standing are told within so many days of their event. */
const toldWithinDays = 7;
const dayMilliseconds = 86_400_000;
const daysAfter = (moment: string, days: number): string => new Date(Date.parse(moment) + days * dayMilliseconds).toISOString();

const toldInDigest = 'told in a digest';

/** A channel, and the one for contacts that have no address of it. */
const preferred = { email: ['email', 'sms'], sms: ['sms', 'email'] } as const satisfies Record<ChannelName, readonly ChannelName[]>;

/** The same notice by e-mail, for when the cap of SMS is reached. */
const byEmail = <N extends Notice>(notice: N): N => ({
  ...notice,
  pastCap: { ...notice.pastCap, sms: { notice: { ...notice, channels: ['email'] }, detail: 'told by e-mail, past the cap of SMS' } },
});

/**
 * The SMS or e-mail that was asked for. Of a login it ends with a link; past a cap an e-mail goes out in place of an SMS, and the day's
 * digest in place of an e-mail; and when it is stale, the digest in place of either. What is about no login is no reason for an SMS to
 * those without an e-mail.
 */
export function requestedNotice(event: Event<'action.requested'>, links: Links): AskedNotice {
  const { subject: accountId, data } = event;
  const { actionId, response, triggers, country, occurredAt, staleAfter, digestUntil } = data;
  const channel = response === 'sms' ? 'sms' : 'email';
  const about = { accountId, triggers, country };
  const asked = { ...about, actionId, staleAfter, askedBy: event };
  if (triggers.length === 0) return { ...asked, topic: actionId, channels: [channel], words: (contact) => otherWords(data, contact) };

  const link = () => notMeLink({ accountId, loginId: data.loginId }, links);
  const digest = (why: 'late' | 'many'): Notice => {
    const id = hashId(accountId, 'digest', dayOf(links.now()));
    return { ...about, actionId: id, topic: id, channels: ['email'], words: async (contact) => digestWords(data, contact, await link(), why) };
  };
  return byEmail({
    ...asked,
    topic: hashId(accountId, 'login', placeOf(country), hourOf(occurredAt)),
    channels: preferred[channel],
    words: async (contact) => loginWords(data, contact, await link()),
    pastCap: { email: { notice: digest('many'), detail: toldInDigest } },
    whenStale: digestUntil === undefined ? undefined : { notice: digest('late'), detail: toldInDigest, until: digestUntil },
  });
}

/** That settings changed, on one channel. SMS of it are capped, because to change them to and fro may need no proof. */
function settingsNotice(event: Event<'settings.changed'>, channel: ChannelName): AskedNotice {
  const { subject, data, time } = event;
  const topic = [subject, 'settings.changed', String(data.version)];
  return byEmail({
    accountId: subject,
    actionId: hashId(...topic, channel),
    topic: hashId(...topic),
    // What weakens protection needs proof; for the rest an SMS that nobody chose would be too much.
    channels: channel === 'sms' ? preferred.sms : ['email'],
    triggers: [],
    country: null,
    words: (contact) => settingsWords(data, contact),
    staleAfter: daysAfter(time, toldWithinDays),
    askedBy: event,
  });
}

/** That settings changed, on the channels that were in force before. */
export const settingsNotices = (event: Event<'settings.changed'>): AskedNotice[] =>
  channelsOf(event.data.previous).map((channel) => settingsNotice(event, channel));

/** That the account was locked or unlocked: by e-mail, and by SMS to contacts that have none. Told also when it is learned of late. */
export function standingNotice(event: Event<'account.standing_changed'>): AskedNotice {
  const { id, subject, data, time } = event;
  const actionId = hashId(subject, 'account.standing_changed', id);
  return {
    accountId: subject,
    actionId,
    topic: actionId,
    channels: preferred.email,
    triggers: [],
    country: null,
    words: (contact) => standingWords(data, contact),
    staleAfter: daysAfter(time, toldWithinDays),
    askedBy: event,
  };
}

/** The link with which a player says that a login was not theirs. */
async function notMeLink(claim: NotMeClaim, { linkSecret, publicUrl, now }: Links): Promise<string> {
  return `${publicUrl}/v1/not-me?token=${notMeToken(await linkSecret(), claim, now())}`;
}

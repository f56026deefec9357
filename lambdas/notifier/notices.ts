import type { Event } from '../contracts/events.ts';
import type { ChannelName } from '../contracts/primitives.ts';
import { hashId } from '../runtime/ids.ts';
import { noticeId } from '../runtime/notice-id.ts';
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

/** Settings and standing are told within so many days. */
const toldWithinDays = 7;
const dayMilliseconds = 86_400_000;
const daysAfter = (moment: string, days: number): string => new Date(Date.parse(moment) + days * dayMilliseconds).toISOString();

const toldInDigest = 'told in a digest';

/**
 * The SMS or e-mail that was asked for. Of a login it ends with a link; past a cap an e-mail goes out in place of an SMS, and the day's
 * digest in place of an e-mail; and when it is stale, the digest in place of either.
 */
export function requestedNotice(event: Event<'action.requested'>, links: Links): AskedNotice {
  const { subject: accountId, data } = event;
  const { actionId, response, triggers, country, occurredAt, staleAfter, digestUntil } = data;
  const about = { accountId, triggers, country };
  const asked = { ...about, actionId, channels: [response === 'sms' ? 'sms' : 'email'] as const, staleAfter, askedBy: event };
  if (triggers.length === 0) return { ...asked, words: (contact) => otherWords(data, contact) };

  const link = () => notMeLink({ accountId, loginId: data.loginId }, links);
  const words: Notice['words'] = async (contact) => loginWords(data, contact, await link());
  const digest = (why: 'late' | 'many'): Notice => ({
    ...about,
    actionId: hashId(accountId, 'digest', dayOf(links.now())),
    channels: ['email'],
    words: async (contact) => digestWords(data, contact, await link(), why),
  });
  const emailPastCap = { notice: digest('many'), detail: toldInDigest };
  // The e-mail that the player may have chosen as well, so that one who chose both gets one.
  const email: Notice = { ...about, actionId: noticeId(accountId, 'email', country, occurredAt), channels: ['email'], words, pastCap: emailPastCap };
  return {
    ...asked,
    words,
    pastCap: response === 'sms' ? { notice: email, detail: 'told by e-mail, past the cap of SMS' } : emailPastCap,
    whenStale: digestUntil === undefined ? undefined : { notice: digest('late'), detail: toldInDigest, until: digestUntil },
  };
}

/** That settings changed, on one channel. */
function settingsNotice(event: Event<'settings.changed'>, channel: ChannelName): AskedNotice {
  const { subject, data, time } = event;
  return {
    accountId: subject,
    actionId: hashId(subject, 'settings.changed', String(data.version), channel),
    channels: [channel],
    triggers: [],
    country: null,
    words: (contact) => settingsWords(data, contact),
    staleAfter: daysAfter(time, toldWithinDays),
    askedBy: event,
  };
}

/** That settings changed, on the channels that were in force before. */
export const settingsNotices = (event: Event<'settings.changed'>): AskedNotice[] =>
  channelsOf(event.data.previous).map((channel) => settingsNotice(event, channel));

/** That the account was locked or unlocked: by e-mail, and by SMS when no contact has an e-mail. */
export function standingNotice(event: Event<'account.standing_changed'>): AskedNotice {
  const { id, subject, data } = event;
  return {
    accountId: subject,
    actionId: hashId(subject, 'account.standing_changed', id),
    channels: ['email', 'sms'],
    triggers: [],
    country: null,
    words: (contact) => standingWords(data, contact),
    staleAfter: daysAfter(data.since, toldWithinDays),
    askedBy: event,
  };
}

/** The link with which a player says that a login was not theirs. */
async function notMeLink(claim: NotMeClaim, { linkSecret, publicUrl, now }: Links): Promise<string> {
  return `${publicUrl}/v1/not-me?token=${notMeToken(await linkSecret(), claim, now())}`;
}

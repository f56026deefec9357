import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { NoticeCaps } from '../../lambdas/contracts/actions.ts';
import type { EventData } from '../../lambdas/contracts/events.ts';
import type { ChannelName } from '../../lambdas/contracts/primitives.ts';
import { keepContact, sendNotice, type Services, tellSettings, tellStanding } from '../../lambdas/notifier/handler.ts';
import { sentLogStore } from '../../lambdas/notifier/store.ts';
import { type Message, RefusedError } from '../../lambdas/runtime/channels.ts';
import { contactStore } from '../../lambdas/runtime/contacts.ts';
import { hashId } from '../../lambdas/runtime/ids.ts';
import { hourOf, noticeId, placeOf } from '../../lambdas/runtime/notice-id.ts';
import type { TestTables } from '../support/dynalite.ts';
import { eventOf, locatedLogin } from '../support/logins.ts';
import { memoryTelemetry } from '../support/records.ts';

export const occurredAt = new Date('2026-11-21T00:00:00Z');
export const reachable = { email: 'player@example.com', phone: '+821012345678' };
export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export const linkSecret = 'a secret of the tests';
export const publicUrl = 'https://api.example.com';

export interface Sent extends Message {
  readonly channel: ChannelName;
}

/** How the test's providers answer a message, or that they take it. */
type Answer = (message: Sent) => Error | undefined;

/** What an SMS or e-mail of a login is asked with, beside what every test has in common. */
export type Asked = Partial<EventData<'action.requested'>>;

const manyCaps: NoticeCaps = { smsPerAccountAndDay: 1000, smsPerDay: 1_000_000, emailsPerAccountAndDay: 1000 };
let accounts = 0;

/** A notifier whose providers answer as the test says, and whose clock the test sets. */
export function setUp(database: TestTables, answer: Answer = () => undefined, caps: Partial<NoticeCaps> = {}) {
  accounts += 1;
  const accountId = `player-${accounts}`;
  const sent: Sent[] = [];
  const clock = { now: occurredAt.getTime() + 1000 };
  const now = () => new Date(clock.now);
  const channelOf = (channel: ChannelName) => ({
    send: (message: Message) => {
      const error = answer({ ...message, channel });
      if (!(error instanceof RefusedError)) sent.push({ ...message, channel });
      return error ? Promise.reject(error) : Promise.resolve();
    },
  });
  const telemetry = memoryTelemetry();
  const services: Services = {
    contacts: contactStore(database.tables, 'contacts', 8),
    sentLog: sentLogStore(database.tables, 'sent-log', now),
    channels: { email: channelOf('email'), sms: channelOf('sms') },
    caps: { ...manyCaps, ...caps },
    linkSecret: () => Promise.resolve(linkSecret),
    publicUrl,
    telemetry,
    now,
    // Of no length that counts, but long enough for another to end what it does.
    wait: () => wait(10),
    random: () => 0,
    newWord: randomUUID,
  };
  const contact = (data: EventData<'contact.changed'>, time = new Date('2026-11-01T00:00:00Z')) =>
    keepContact(eventOf('contact.changed', accountId, data, time), services);
  const requested = (response: ChannelName, asked: Asked = {}) => {
    const data = {
      loginId: locatedLogin(accountId, 'a', occurredAt).loginId,
      response,
      triggers: ['login_abroad' as const],
      country: 'JP',
      occurredAt: occurredAt.toISOString(),
      staleAfter: new Date(occurredAt.getTime() + hour).toISOString(),
      text: { ko: '일본에서 로그인했습니다.', en: 'Login from Japan.' },
      ...asked,
    };
    return eventOf('action.requested', accountId, { actionId: noticeId(accountId, response, data.country, data.occurredAt), ...data });
  };
  const ask = async (response: ChannelName, asked: Asked = {}, using: Services = services) => (await sendNotice(requested(response, asked), using)).data;
  const outcome = async (response: ChannelName, asked: Asked = {}, using: Services = services) => (await ask(response, asked, using)).outcome;
  const idOf = (response: ChannelName, asked: Asked = {}) => requested(response, asked).data.actionId;
  /** What all notices of the login from Japan have in common. */
  const topic = hashId(accountId, 'login', placeOf('JP'), hourOf(occurredAt.toISOString()));
  const standing = (data: Partial<EventData<'account.standing_changed'>> = {}, using: Services = services, time = occurredAt) => {
    const facts = { state: 'locked' as const, since: occurredAt.toISOString(), reason: 'login' as const, ...data };
    return tellStanding(eventOf('account.standing_changed', accountId, facts, time), using);
  };
  const settings = (changed: Omit<EventData<'settings.changed'>, 'version' | 'since'>, version = 1) =>
    tellSettings(eventOf('settings.changed', accountId, { version, since: occurredAt.toISOString(), ...changed }, occurredAt), services);
  return { accountId, sent, clock, telemetry, services, contact, requested, ask, outcome, idOf, topic, standing, settings };
}

/** The same services, which die after so many steps: from then on nothing is read, written or sent any more. */
export function dying(services: Services, steps: number): { services: Services; hasDied: () => boolean } {
  let taken = 0;
  const step = <A extends unknown[], T>(work: (...parts: A) => Promise<T>) =>
    (...parts: A): Promise<T> => {
      taken += 1;
      return taken > steps ? Promise.reject(new Error('killed')) : work(...parts);
    };
  const { contacts, sentLog, channels } = services;
  return {
    hasDied: () => taken > steps,
    services: {
      ...services,
      contacts: { keep: step(contacts.keep), versions: step(contacts.versions) },
      sentLog: { find: step(sentLog.find), replace: step(sentLog.replace), waiting: step(sentLog.waiting), count: step(sentLog.count) },
      channels: { email: { send: step((message) => channels.email.send(message)) }, sms: { send: step((message) => channels.sms.send(message)) } },
    },
  };
}

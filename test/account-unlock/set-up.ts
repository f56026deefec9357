import { createHash } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { accountStore } from '../../lambdas/account-unlock/account-store.ts';
import type { Asker } from '../../lambdas/account-unlock/challenges.ts';
import { challengeErasure } from '../../lambdas/account-unlock/erasure.ts';
import { answerAsking, keepContact, keepStanding, type Services } from '../../lambdas/account-unlock/handler.ts';
import { limitStore } from '../../lambdas/account-unlock/limit-store.ts';
import { askAsAnyone, askAsPlayer, verifyAsAnyone, verifyAsPlayer } from '../../lambdas/account-unlock/routes.ts';
import { answerStore, challengeStore } from '../../lambdas/account-unlock/store.ts';
import type { Event, EventData } from '../../lambdas/contracts/events.ts';
import { eventType } from '../../lambdas/contracts/names.ts';
import type { ChannelName } from '../../lambdas/contracts/primitives.ts';
import type { Message } from '../../lambdas/runtime/channels.ts';
import { RefusedError } from '../../lambdas/runtime/channels.ts';
import { contactStore } from '../../lambdas/runtime/contacts.ts';
import { eventOf } from '../support/logins.ts';
import { memoryBus, memoryTelemetry } from '../support/records.ts';
import { client } from '../support/requests.ts';

export const reachable = { email: 'player@example.com', phone: '+821012345678', locale: 'en' as const };
export const start = Date.parse('2026-11-21T12:00:00Z');
export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => count * 3_600_000;
export const loginId = '01a00000-0000-7000-8000-000000000001';

const names = { challenges: 'challenges', accounts: 'challenge-accounts', contacts: 'challenge-contacts' };

interface Options {
  /** What the providers answer. */
  readonly answer?: (message: Message) => Error | undefined;
  /** Whether the bus is down. */
  readonly isDown?: () => boolean;
  readonly smsPerDay?: number;
}

let set = 0;

/** account-unlock whose providers and bus answer as the test says, on a clock that the test sets. */
export function setUp(tables: DynamoDBDocumentClient, { answer = () => undefined, isDown = () => false, smsPerDay = 1000 }: Options = {}) {
  set += 1;
  const accountId = `player-of-set-${set}.`;
  const clock = { now: start };
  const now = () => new Date(clock.now);
  const sent: Message[] = [];
  const channel = {
    send: (message: Message) => {
      const error = answer(message);
      if (!(error instanceof RefusedError)) sent.push(message);
      return error ? Promise.reject(error) : Promise.resolve();
    },
  };
  let drawn = set * 1000;
  const bytes = () => createHash('sha256').update(String((drawn += 1))).digest();
  const bus = memoryBus(isDown);
  const telemetry = memoryTelemetry();
  const limits = limitStore(tables, 'challenge-limits', smsPerDay);
  const accounts = accountStore(tables, names.accounts);
  const erasure = challengeErasure(tables, names, limits, now);
  const services: Services = {
    contacts: contactStore(tables, names.contacts, 90),
    accounts,
    limits,
    challenges: challengeStore(tables, names.challenges),
    isErased: erasure.isErased,
    channels: { email: channel, sms: channel },
    telemetry,
    randomInt: (below) => bytes().readUInt32BE() % below,
    now,
  };
  const answers = answerStore(tables, names.challenges, now);
  const routeServices = { answers, accounts, publisher: bus, accountClaim: 'sub', randomBytes: bytes, now };
  const { call } = client(
    {
      'POST /v1/me/challenges': askAsPlayer,
      'POST /v1/me/challenges/verify': verifyAsPlayer,
      'POST /v1/unlock-challenges': askAsAnyone,
      'POST /v1/unlock-challenges/verify': verifyAsAnyone,
    },
    routeServices,
  );

  const ask = (asker: Asker, channel: ChannelName = 'email', sourceIp = `8.8.${set}.1`, account = accountId) =>
    asker === 'player'
      ? call({ route: 'POST /v1/me/challenges', body: { channel }, claims: { sub: account } })
      : call({ route: 'POST /v1/unlock-challenges', body: { accountId: account, channel }, sourceIp });
  /** The newest asking that is on the bus. */
  const asking = () => bus.published.findLast(({ type }) => type === eventType('challenge.requested')) as Event<'challenge.requested'>;
  const verify = (asker: Asker, challengeId: string, code: string, account = accountId) =>
    asker === 'player'
      ? call({ route: 'POST /v1/me/challenges/verify', body: { challengeId, code }, claims: { sub: account } })
      : call({ route: 'POST /v1/unlock-challenges/verify', body: { challengeId, code } });

  return {
    accountId,
    clock,
    sent,
    bus,
    telemetry,
    services,
    routeServices,
    erasure,
    call,
    ask,
    asking,
    verify,
    /** Asks for a code, and lets it be sent. @returns the challengeId, and the code when one went out */
    challenge: async (asker: Asker, channel?: ChannelName, sourceIp?: string, account?: string) => {
      const { body } = await ask(asker, channel, sourceIp, account);
      const before = sent.length;
      await answerAsking(asking(), services);
      return { challengeId: body.challengeId as string, code: codeIn(sent[before]) };
    },
    send: (event: Event<'challenge.requested'>) => answerAsking(event, services),
    contact: (data: EventData<'contact.changed'>, at: number) => keepContact(eventOf('contact.changed', accountId, data, new Date(at)), services),
    standing: (maxima: { lockedAt?: number; unlockedAt?: number }) => {
      const text = (moment: number | undefined) => (moment === undefined ? undefined : new Date(moment).toISOString());
      const since = new Date(Math.max(maxima.lockedAt ?? 0, maxima.unlockedAt ?? 0)).toISOString();
      const data = { state: 'locked', reason: 'login', since, lockedAt: text(maxima.lockedAt), unlockedAt: text(maxima.unlockedAt), loginId } as const;
      return keepStanding(eventOf('account.standing_changed', accountId, data), services);
    },
    verified: () => bus.published.filter(({ type }) => type === eventType('challenge.verified')) as Event<'challenge.verified'>[],
  };
}

/** The code in a message; empty when there is none. */
export const codeIn = (message: Message | undefined): string => /\b[A-HJKMNP-Z2-9]{8}\b/.exec(message?.text ?? '')?.[0] ?? '';

/** A code that is not the one given. */
export const otherThan = (code: string): string => (code.startsWith('A') ? 'B' : 'A') + code.slice(1);

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { EventData } from '../../lambdas/contracts/events.ts';
import type { EventName } from '../../lambdas/contracts/names.ts';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import { type AlarmKind, alarmKinds } from '../../lib/alarms.ts';
import { AwsError, type Call } from '../../local/aws/calls.ts';
import type { Model } from '../../local/model.ts';
import type { LocalChain } from '../support/local-chain.ts';
import { eventOf } from '../support/logins.ts';
import type { Fault } from './fault.ts';
import type { Switchboard } from './switchboard.ts';

const root = join(import.meta.dirname, '..', '..');
export const subscription = 'http-bridge-game-server';
export const bridge = `loginward-local-${subscription}`;
const functionOf = (service: string, part: 'consumer' | 'api'): string => `loginward-local-${service}-${part}`;
export const queueOf = (owner: string): string => `loginward-local-${owner}-queue`;

/** The kind of an alarm: what its name ends with. */
export function kindOf(alarm: string): AlarmKind {
  const kinds = (Object.keys(alarmKinds) as AlarmKind[]).filter((kind) => alarm.endsWith(`-${kind}`));
  const [longest] = kinds.toSorted((a, b) => b.length - a.length);
  if (!longest) throw new Error(`${alarm} is of no kind.`);
  return longest;
}

/** What the faults are made with. */
export interface Stage {
  readonly chain: LocalChain;
  readonly model: Model;
  readonly board: Switchboard;
  /** What the endpoint of the subscription answers: a status, and a body. */
  readonly endpoint: { status: number; body: string };
  /** How many events the endpoint has taken. */
  readonly deliveries: () => number;
}

let accounts = 0;
const newAccount = (): string => `player-${(accounts += 1)}`;
const event = <N extends EventName>(name: N, account: string, data: EventData<N>): string => JSON.stringify({ ...eventOf(name, account, data, new Date()), id: randomUUID() });

export const action = (response: EventData<'action.requested'>['response'], account = newAccount(), country = 'US', staleInSeconds = 3600): string =>
  event('action.requested', account, {
    actionId: randomUUID(),
    loginId: randomUUID(),
    response,
    triggers: ['login_abroad'],
    country,
    occurredAt: new Date().toISOString(),
    staleAfter: new Date(Date.now() + staleInSeconds * 1000).toISOString(),
    text: { ko: '로그인', en: 'A login' },
  });

/** An event that the service takes, whatever else it takes: an erasure, or for the one that knows no accounts a login. */
export const anEvent = (service: string): string =>
  service === 'ip-checker'
    ? event('login.submitted', newAccount(), { loginId: randomUUID(), ip: '8.8.8.8', occurredAt: new Date().toISOString(), outcome: 'success' })
    : event('account.erased', newAccount(), { erasedAt: new Date().toISOString() });

/** A request to each API that makes it ask AWS for something. */
export const requests: Readonly<Record<string, (chain: Pick<LocalChain, 'api'>) => Promise<unknown>>> = {
  publisher: ({ api }) => api.signed('/v1/logins', { body: { accountId: newAccount(), ip: '8.8.8.8' } }),
  'login-logger': ({ api }) => api.signed(`/v1/accounts/${newAccount()}/logins`),
  'account-security': ({ api }) => api.asPlayer(newAccount(), '/v1/me/security-settings'),
  'account-standing': ({ api }) => api.signed(`/v1/accounts/${newAccount()}/standing`),
  'account-unlock': ({ api }) => api.plain('/v1/unlock-challenges', { body: { accountId: newAccount(), channel: 'email' } }),
  'password-campaign': ({ api }) => api.signed('/v1/campaigns/spring'),
};

/** The faults of a run, in three rows that do not touch each other's functions for long. */
export function faultsOf({ chain, model, board, endpoint, deliveries }: Stage) {
  const { local } = chain;
  const all = [...model.monitoring.alarms, ...model.monitoring.compositeAlarms].map(({ name }) => name);
  const of = (...kinds: AlarmKind[]): string[] => all.filter((name) => kinds.includes(kindOf(name)));
  const functions = model.functions.map(({ name }) => name);
  const servicesWith = (part: 'consumer' | 'api') => functions.flatMap((name) => new RegExp(`^loginward-local-(.+)-${part}$`).exec(name)?.[1] ?? []);
  const [consumers, apis] = [servicesWith('consumer'), servicesWith('api')];
  const send = (owner: string, body: string): void => local.send(queueOf(owner), body);
  /** Until nothing waits any more in a queue, and nobody works at what it had. */
  const emptied = async (owner: string): Promise<void> => {
    while (local.peek(queueOf(owner)).length > 0) await delay(50);
  };
  const request = (service: string): Promise<unknown> => requests[service]?.(chain) ?? Promise.reject(new Error(`There is no request to ${service}.`));
  const inEach = (services: readonly string[], work: (service: string) => unknown) => async (): Promise<void> => {
    await Promise.all(services.map(async (service) => work(service)));
  };

  const throttled = (names: readonly string[], fault: Pick<Fault, 'what' | 'alarms' | 'cause'>): Fault => ({
    ...fault,
    cause: () => {
      for (const name of names) board.throttled.add(name);
      return fault.cause();
    },
    mend: () => {
      for (const name of names) board.throttled.delete(name);
    },
  });
  /** Trouble with the calls of a function for as long as the fault lasts. */
  const disturbed = (name: string, call: (call: Call) => void | Promise<void>, fault: Fault): Fault => ({
    ...fault,
    cause: () => {
      board.calls.set(name, call);
      return fault.cause();
    },
    mend: () => {
      board.calls.delete(name);
      return fault.mend?.();
    },
  });
  /** A function whose process dies whenever it calls AWS. */
  const dying = (name: string, alarm: string, cause: Fault['cause']): Fault =>
    disturbed(name, () => void local.kill(name, () => 0), { what: `a process of ${name} dies`, alarms: [alarm], cause });
  const refusing = (operation: string, name: string, status: number) => (call: Call): void => {
    if (call.operation === operation) throw new AwsError(name, status, 'Trouble of a test.');
  };
  const discard = (...names: string[]) => inEach(names, (name) =>
    promisify(execFile)(process.execPath, ['bin/dlq.ts', 'discard', name, '--reason', 'a test', '--local', local.url, '--log', join(chain.data, 'discarded.jsonl')], { cwd: root }));
  const undelivered = (owners: readonly string[], cause: () => Promise<unknown>): Fault => {
    const names = owners.map((owner) => `loginward-local-${owner}-undelivered`);
    const arns = model.queues.flatMap(({ name, arn }) => (owners.some((owner) => name === queueOf(owner)) ? [arn] : []));
    return {
      what: `SNS cannot deliver to the queues of ${owners.join(', ')}`,
      alarms: of('undelivered').filter((alarm) => names.includes(alarm)),
      every: 1000,
      cause: () => {
        for (const arn of arns) board.closed.add(arn);
        return cause();
      },
      mend: () => {
        for (const arn of arns) board.closed.delete(arn);
        return discard(...names)();
      },
    };
  };

  const ofConsumers: Fault[] = [
    throttled(
      consumers.map((service) => functionOf(service, 'consumer')),
      { what: 'there is no concurrency left for consumers, and their events wait', alarms: of('consumer-throttles', 'behind'), cause: inEach(consumers, (service) => send(service, anEvent(service))) },
    ),
    ...consumers.map((service) => dying(functionOf(service, 'consumer'), `loginward-local-${service}-consumer-errors`, () => send(service, anEvent(service)))),
    {
      what: 'something lies in the queues that is no event',
      alarms: of('dead-letters'),
      every: 2000,
      cause: inEach(consumers, (service) => send(service, 'no event')),
      mend: async () => {
        await inEach(consumers, emptied)();
        await discard(...consumers)();
      },
    },
    undelivered(
      consumers,
      async () => {
        await chain.api.signed('/v1/logins', { body: { accountId: newAccount(), ip: '8.8.8.8' } });
        await chain.api.signed(`/v1/accounts/${newAccount()}`, { method: 'DELETE' });
      },
    ),
    undelivered([subscription], async () => {
      const accountId = newAccount();
      const responses = { ...defaultResponses, login_abroad: ['kick'] };
      await chain.api.asPlayer(accountId, '/v1/me/security-settings', { method: 'PUT', body: { homeCountries: ['KR'], responses }, amr: ['otp'] });
      await chain.api.signed('/v1/logins', { body: { accountId, ip: '8.8.8.8' } });
    }),
    {
      what: 'more accounts are to be locked than ever should be',
      alarms: of('locks-held'),
      every: 500,
      cause: () => send('account-standing', action('lock')),
      // Held locks are parked, which is an alarm of its own.
      mend: async () => {
        await emptied('account-standing');
        await discard('account-standing')();
      },
    },
  ];

  const ofApis: Fault[] = [
    throttled(
      apis.map((service) => functionOf(service, 'api')),
      { what: 'there is no concurrency left for APIs', alarms: of('api-throttles'), cause: inEach(apis, request) },
    ),
    ...apis.map((service) => dying(functionOf(service, 'api'), `loginward-local-${service}-api-errors`, () => request(service))),
    disturbed('loginward-local-publisher-api', refusing('PublishBatch', 'InternalError', 500), {
      what: 'the bus does not take what publisher emits',
      alarms: of('unconfirmed'),
      cause: () => request('publisher'),
    }),
    disturbed('loginward-local-account-standing-api', refusing('GetItem', 'InternalServerError', 500), {
      what: 'the table of account-standing fails',
      alarms: of('access-checks-failing'),
      cause: () => chain.api.signed('/v1/access-checks', { body: { accountId: newAccount(), ip: '8.8.8.8' } }),
    }),
    disturbed('loginward-local-account-standing-api', () => delay(1200), {
      what: 'the table of account-standing is slow',
      alarms: of('access-checks-slow'),
      cause: () => {
        void chain.api.signed('/v1/access-checks', { body: { accountId: newAccount(), ip: '8.8.8.8' } });
      },
      every: 800,
    }),
    disturbed('loginward-local-account-unlock-consumer', refusing('SendEmail', 'MessageRejected', 400), {
      what: 'the provider refuses one-time codes',
      alarms: of('codes-failed'),
      cause: async () => {
        const accountId = newAccount();
        send('account-unlock', contactOf(accountId));
        await emptied('account-unlock');
        await chain.api.plain('/v1/unlock-challenges', { body: { accountId, channel: 'email' } });
      },
      every: 3000,
    }),
  ];

  const notifier = 'loginward-local-notifier-consumer';
  const known = newAccount();
  const ofNoticesAndEndpoints: Fault[] = [
    { what: 'the geo database is old', alarms: of('geo-database-old'), cause: () => send('ip-checker', anEvent('ip-checker')), every: 1000 },
    {
      what: 'the provider takes an SMS and does not say so',
      alarms: of('notifications-unknown'),
      cause: async () => {
        board.unanswered.set(notifier, 'Publish');
        const account = newAccount();
        send('notifier', contactOf(account));
        await emptied('notifier');
        send('notifier', action('sms', account));
      },
      mend: () => void board.unanswered.delete(notifier),
      every: 2000,
    },
    {
      what: 'an account gets more SMS than it may in a day',
      alarms: of('sms-capped'),
      cause: async () => {
        send('notifier', contactOf(known));
        await emptied('notifier');
        for (const country of ['US', 'JP', 'DE']) send('notifier', action('sms', known, country));
      },
      every: 2000,
    },
    disturbed(notifier, refusing('SendEmail', 'MessageRejected', 400), {
      what: 'the provider refuses e-mails',
      alarms: of('notifications-failed'),
      cause: async () => {
        const account = newAccount();
        send('notifier', contactOf(account));
        await emptied('notifier');
        send('notifier', action('email', account));
      },
      every: 5000,
    }),
    dying(bridge, `${bridge}-bridge-errors`, () => send(subscription, action('kick'))),
    ...([
      [422, 'no', 'the endpoint refuses an event for good', 'refused', () => discard(subscription)()],
      [200, 'no event', 'the endpoint answers what is no answer', 'broken', undefined],
      [404, 'not here', 'the endpoint is not there', 'misconfigured', undefined],
    ] as const).map(([status, body, what, kind, mend]): Fault => ({
      what,
      alarms: of(kind),
      cause: () => {
        Object.assign(endpoint, { status, body });
        send(subscription, action('kick'));
      },
      mend: async () => {
        Object.assign(endpoint, taken);
        await mend?.();
        // Whoever failed often is only probed now and then.
        for (const before = deliveries(); deliveries() < before + 2; await delay(500)) send(subscription, action('kick'));
      },
      every: 500,
    })),
  ];
  return { ofConsumers, ofApis, ofNoticesAndEndpoints };
}

/** What an endpoint answers that takes an event. */
export const taken = { status: 204, body: '' };

/** A contact that codes go to as well: in force for 72 hours and more. */
export const contactOf = (account: string): string =>
  JSON.stringify({
    ...eventOf('contact.changed', account, { email: `${account}@example.com`, phone: '+821012345678' }, new Date(Date.now() - 80 * 3_600_000)),
    id: randomUUID(),
  });

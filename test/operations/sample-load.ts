import { setTimeout as delay } from 'node:timers/promises';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import { AwsError } from '../../local/aws/calls.ts';
import { arnOf } from '../../local/cloudformation.ts';
import type { LocalRun } from '../../local/run.ts';
import type { LocalChain } from '../support/local-chain.ts';
import { action, anEvent, contactOf, queueOf, requests, subscription } from './alarm-faults.ts';
import type { Switchboard } from './switchboard.ts';

/** What stands in an endpoint's answer for the id of the action that it was asked for. */
export const theAction = 'the action';
/** What an endpoint answers that has carried an action out. */
const completing = { status: 200, body: JSON.stringify({ specversion: '1.0', type: 'loginward.action.completed.v1', data: { actionId: theAction, outcome: 'done' } }), type: 'application/cloudevents+json' };

const services = ['ip-checker', 'login-logger', 'account-security', 'notifier', 'account-standing', 'account-unlock', 'password-campaign'] as const;
const queues = [...services, subscription].map((owner) => arnOf('sqs', queueOf(owner)));

/** What a day of the sample lacks: players who choose, ask for codes, and are asked at the door. */
export async function busyDay({ api, local }: LocalChain): Promise<void> {
  const player = (accountId: string, path: string, body?: unknown, method?: string) => api.asPlayer(accountId, path, { body, ...(method !== undefined && { method }), amr: ['otp'] });
  const choose = (accountId: string, ...responses: string[]) =>
    player(accountId, '/v1/me/security-settings', { homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad: responses, unlocated: ['email'] } }, 'PUT');
  const login = (accountId: string, ip: string) => api.signed('/v1/logins', { body: { accountId, ip } });

  for (const account of ['ann', 'ben', 'cho']) for (const owner of ['notifier', 'account-unlock']) local.send(queueOf(owner), contactOf(account));
  await Promise.all([choose('ann', 'sms', 'kick', 'player_message'), choose('ben', 'lock', 'email'), choose('cho', 'block_abroad')]);
  await local.whenIdle();
  await Promise.all([login('ann', '8.8.8.8'), login('ben', '8.8.8.8'), login('cho', '192.168.1.7')]);
  await local.whenIdle();
  await api.signed('/v1/access-checks', { body: { accountId: 'ann', ip: '1.201.1.1' } });
  await api.signed('/v1/access-checks', { body: { accountId: 'cho', ip: '8.8.8.8' } });
  const { body } = await api.asPlayer('ann', '/v1/me/logins');
  await player('ann', `/v1/me/logins/${body.items[0].id}/dispute`, undefined, 'POST');
  // The eleventh code within an hour is one too many; and who has no contact gets none.
  for (const accountId of ['nobody', ...Array.from({ length: 12 }, () => 'ben')]) await api.plain('/v1/unlock-challenges', { body: { accountId, channel: 'email' } });
  for (const request of Object.values(requests)) await request({ api });
  await local.whenIdle();
}

/** Whether a service has told of a metric. */
const isTold = ({ cloudWatch }: LocalRun, service: string, name: string, by: Readonly<Record<string, string>> = {}): boolean =>
  cloudWatch.statistic({ namespace: 'Loginward', name, dimensions: { env: 'local', service, ...by } }, 'Sum', 60) !== undefined;

/** Waits until services have told of metrics. */
async function allTold(local: LocalRun, metrics: Readonly<Record<string, readonly string[]>>): Promise<void> {
  while (!Object.entries(metrics).every(([service, names]) => names.every((name) => isTold(local, service, name)))) await delay(250);
}

/** The provider refuses, or says nothing; caps are reached, and locks held back. */
async function noticesFail({ api, local }: Pick<LocalChain, 'api' | 'local'>, board: Switchboard): Promise<void> {
  const [notifier, unlock] = ['loginward-local-notifier-consumer', 'loginward-local-account-unlock-consumer'];
  const refuse = ({ operation }: { operation: string }) => {
    if (operation === 'SendEmail') throw new AwsError('MessageRejected', 400, 'Trouble of a test.');
  };
  for (const name of [notifier, unlock]) {
    board.calls.set(name, refuse);
    board.unanswered.set(name, 'Publish');
  }
  for (const account of ['eve', 'fay']) for (const owner of ['notifier', 'account-unlock']) local.send(queueOf(owner), contactOf(account));
  while (['notifier', 'account-unlock'].some((owner) => local.peek(queueOf(owner)).length > 0)) await delay(100);
  for (const country of ['US', 'JP', 'DE']) local.send(queueOf('notifier'), action('sms', 'eve', country));
  local.send(queueOf('notifier'), action('email', 'fay'));
  // As the player: what anyone may ask from one network is used up.
  for (const channel of ['email', 'sms']) await api.asPlayer('fay', '/v1/me/challenges', { body: { channel } });
  for (let count = 0; count < 4; count += 1) local.send(queueOf('account-standing'), action('lock'));
  await allTold(local, { notifier: ['NotificationFailed', 'NotificationUnknown', 'NotificationCapped'], 'account-unlock': ['NotificationFailed', 'NotificationUnknown'], 'account-standing': ['LocksHeld'] });
  board.calls.clear();
  board.unanswered.clear();
}

/** Requests that each API refuses. */
export async function badRequests({ api }: Pick<LocalChain, 'api'>): Promise<void> {
  await api.signed('/v1/logins', { body: {} });
  await api.signed('/v1/accounts/ann/logins?limit=0');
  await api.asPlayer('ann', '/v1/me/security-settings', { method: 'PUT', body: {} });
  await api.signed('/v1/access-checks', { body: {} });
  await api.plain('/v1/unlock-challenges', { body: {} });
  await api.signed('/v1/campaigns/none');
}

/** What an endpoint answers, by the metric that tells of it. */
const troubles = { Refused: { status: 422, body: 'no' }, Broken: { status: 200, body: 'no event' }, Misconfigured: { status: 404, body: '' }, Unavailable: { status: 503, body: '' } };

/** AWS and endpoints fail in all the ways that dashboards show; the endpoint stays away. */
export async function badHour({ api, local }: LocalChain, board: Switchboard, endpoint: { status: number; body: string; type: string }): Promise<void> {
  const fails = () => {
    throw new AwsError('InternalServerError', 500, 'Trouble of a test.');
  };
  const failing = ({ operation }: { operation: string }) => void (operation === 'PublishBatch' && fails());
  for (const name of local.functions) board.calls.set(name, name.endsWith('-api') ? fails : failing);
  for (const request of Object.values(requests)) await request({ api });
  await api.signed('/v1/access-checks', { body: { accountId: 'ann', ip: '8.8.8.8' } });
  for (const service of services) local.send(queueOf(service), anEvent(service));
  Object.assign(endpoint, completing);
  local.send(queueOf(subscription), action('kick'));
  // Publishing is tried for a while before it is given up.
  await allTold(local, Object.fromEntries([...services, 'http-bridge'].map((service) => [service, ['Unconfirmed', 'Failed']])));
  board.calls.clear();
  local.send(queueOf(subscription), action('kick'));
  local.send(queueOf(subscription), action('kick', 'ann', 'US', -60));
  await noticesFail({ api, local }, board);

  for (const queue of queues) board.closed.add(queue);
  await api.signed('/v1/logins', { body: { accountId: 'dan', ip: '8.8.8.8' } });
  await api.signed('/v1/accounts/dan', { method: 'DELETE' });
  board.closed.clear();

  for (const owner of [...services, subscription]) local.send(queueOf(owner), 'no event');
  await allTold(local, Object.fromEntries([...services, 'http-bridge'].map((service) => [service, ['Parked']])));
  for (const [metric, answer] of Object.entries(troubles)) {
    Object.assign(endpoint, answer);
    while (!isTold(local, 'http-bridge', metric, { subscription: 'game-server' })) {
      local.send(queueOf(subscription), action('kick'));
      await delay(250);
    }
  }
}

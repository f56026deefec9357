import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import { defaultStaleAfterSeconds } from '../../lambdas/contracts/actions.ts';
import type { Campaign } from '../../lambdas/contracts/campaigns.ts';
import type { Event } from '../../lambdas/contracts/events.ts';
import type { Outcome } from '../../lambdas/contracts/primitives.ts';
import { askOldPassword, keepPasswordChange, type Services } from '../../lambdas/password-campaign/handler.ts';
import { progressStore, readCounts } from '../../lambdas/password-campaign/store.ts';
import { erasureOf } from '../../lambdas/runtime/erasure.ts';
import { loginIdOf } from '../../lambdas/runtime/ids.ts';
import { eventOf } from './logins.ts';

export const day = 86_400_000;
/** The first moment of the campaigns of tests. */
export const start = Date.parse('2027-03-01T00:00:00Z');

let campaigns = 0;

/** A campaign of March 2027 with an id of its own: passwords from before 2027, once in 14 days. */
export function newCampaign(more: Partial<Campaign> = {}): Campaign {
  campaigns += 1;
  return {
    id: `campaign-${campaigns}`,
    owner: 'account team',
    passwordOlderThan: '2027-01-01T00:00:00+09:00',
    message: { ko: '새 비밀번호로 바꿔 주세요.', en: 'Please choose a new password.' },
    response: 'player_message',
    everyDays: 14,
    from: '2027-03-01T09:00:00+09:00',
    until: '2027-04-01T00:00:00Z',
    ...more,
  };
}

let accounts = 0;
export const newAccount = (): string => `player-${(accounts += 1)}`;

export const loginOf = (accountId: string, id: string, at: number, outcome: Outcome = 'success'): Event<'login.submitted'> => {
  const occurredAt = new Date(at);
  const loginId = loginIdOf({ accountId, id, occurredAt }, () => new Uint8Array(16));
  return eventOf('login.submitted', accountId, { loginId, ip: '8.8.8.8', occurredAt: occurredAt.toISOString(), outcome });
};
export const changeOf = (accountId: string, at: number): Event<'password.changed'> =>
  eventOf('password.changed', accountId, { changedAt: new Date(at).toISOString() });

/** One call of DynamoDB. */
export interface Call {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A client that tells its calls, and dies after the write that a test names. */
export function watchedTables(tables: DynamoDBDocumentClient) {
  const calls: Call[] = [];
  const trouble = { writesUntilCrash: Number.POSITIVE_INFINITY };
  const send = async (command: { input: object }): Promise<unknown> => {
    const name = command.constructor.name.replace('Command', '');
    calls.push({ name, input: command.input as Call['input'] });
    const answer = await tables.send(command as QueryCommand);
    if (name !== 'Query' && name !== 'Get' && (trouble.writesUntilCrash -= 1) === 0) throw new Error('crashed');
    return answer;
  };
  return { tables: { send } as unknown as DynamoDBDocumentClient, calls, trouble };
}

/** The service over real tables, with a clock that the test sets. */
export function campaignStage(database: DynamoDBDocumentClient, running: readonly Campaign[], more: Partial<Services> = {}) {
  const watched = watchedTables(database);
  const clock = { now: start + day };
  const now = () => new Date(clock.now);
  let words = 0;
  const services: Services = {
    campaigns: running,
    progress: progressStore(watched.tables, { accounts: 'campaign-accounts', counts: 'campaign-counts' }, now, () => String((words += 1))),
    erasure: erasureOf(watched.tables, [{ table: 'campaign-accounts', sortKey: 'entry' }], now),
    staleAfterSeconds: defaultStaleAfterSeconds,
    now,
    ...more,
  };
  /** Handles an event as it is delivered once. @returns the actionIds that were asked for */
  const deliver = async (event: Event<'login.submitted'> | Event<'password.changed'>): Promise<string[]> => {
    if (event.type === 'loginward.password.changed.v1') {
      await keepPasswordChange(event, services);
      return [];
    }
    return (await askOldPassword(event, services)).map(({ data }) => data.actionId);
  };
  /** Delivers an event until it is done, as SQS would: later, when those that died have lost their lease. */
  const deliverUntilDone = async (event: Parameters<typeof deliver>[0]): Promise<string[]> => {
    for (;;) {
      try {
        return await deliver(event);
      } catch {
        clock.now += 60_000;
      }
    }
  };
  const counts = (id: string) => readCounts(database, 'campaign-counts', id);
  /** What is pending in the shards of a campaign. */
  const pending = async (id: string): Promise<string[]> => {
    const { Items = [] }: QueryCommandOutput = await database.send(
      new QueryCommand({ TableName: 'campaign-counts', KeyConditionExpression: 'campaign = :id', ExpressionAttributeValues: { ':id': id } }),
    );
    return Items.flatMap(({ pending = [] }) => [...(pending as Iterable<string>)]);
  };
  return { ...watched, clock, services, deliver, deliverUntilDone, counts, pending };
}

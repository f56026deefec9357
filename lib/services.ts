import { canaryAccount } from '../lambdas/contracts/metrics.ts';
import type { EventName } from '../lambdas/contracts/names.ts';
import type { WatchName } from './alarms.ts';
import type { PanelName } from './dashboards/panels.ts';

/**
 * The one table of services. Stacks, subscriptions, alarms, managed policies and the local run are made from it: a new
 * service is a folder in `lambdas/`, a contract, a row here, and a test.
 */
export interface Service {
  /** Folder in `lambdas/`, stack, queue, log group and alarm prefix. */
  readonly name: string;
  /** Where its code is, when not in that folder. */
  readonly folder?: string;
  /** One sentence of the design: what this service does with what it gets. */
  readonly purpose: string;
  readonly emits: readonly EventName[];
  readonly tables: readonly Table[];
  readonly consumer?: Consumer;
  readonly api?: Api;
  readonly schedule?: Schedule;
  readonly bridge?: Bridge;
  /** Whether every login goes through it, one such service after the other: what stands still when one of them does. */
  readonly stage?: true;
  /** What its own metrics are watched for, beside its queue and functions. */
  readonly watches?: readonly WatchName[];
  /** What of its own metrics its dashboard and the overview show, beside its events and functions. */
  readonly panels?: readonly PanelName[];
}

export interface Table {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
  /** Attribute with the epoch second after which DynamoDB may drop the item. */
  readonly timeToLive?: string;
}

/** What one function may do with its service's tables: DynamoDB actions by table name. */
export type TableAccess = Readonly<Record<string, readonly TableAction[]>>;
export type TableAction = 'GetItem' | 'BatchGetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem';

interface FunctionSettings {
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  readonly access: TableAccess;
  /** Events that this function publishes, of those its service emits. */
  readonly publishes: readonly EventName[];
  /** What the function needs beyond tables and topics. */
  readonly needs: readonly Need[];
  /** What breaks for whom while this function fails; every alarm of it says so. */
  readonly errorImpact: string;
}

/**
 * `geo-database`, `event-types` and `campaigns`: the file beside the bundle; `link-secret`: the secret that links in notices are signed with;
 * `public-url`: where players reach the HTTP API; `api-url`: where callers with AWS IAM do; `email` and `sms`: sending by SES and SNS; the others: the deployment's setting of that name.
 */
export type Need =
  | 'geo-database'
  | 'event-types'
  | 'trace-sampling'
  | 'campaigns'
  | 'home-countries'
  | 'responses'
  | 'mode'
  | 'trusted-methods'
  | 'stale-after'
  | 'notice-caps'
  | 'locks-per-hour'
  | 'sms-codes-per-day'
  | 'link-secret'
  | 'public-url'
  | 'api-url'
  | 'email'
  | 'sms';

/** The Lambda function in `lambdas/<service>/consumer.ts`, fed by the service's own queue. */
export interface Consumer extends FunctionSettings {
  readonly consumes: readonly Consumption[];
  /** Records a call; above 10, AWS Lambda wants a window of a second or more. */
  readonly batchSize: number;
  /** How long AWS Lambda gathers records before it calls the function, in seconds. */
  readonly batchingWindowSeconds: number;
  readonly maxConcurrency: number;
}

export interface Consumption {
  readonly event: EventName;
  /** What it may lead to, of what the service emits; nothing when its way ends here. */
  readonly leadsTo?: readonly EventName[];
  /** Values that fields of the event's `data` may have; without it every event comes. */
  readonly filter?: Readonly<Record<string, readonly string[]>>;
}

/** The Lambda function in `lambdas/<service>/schedule.ts`, called every minute. */
export interface Schedule extends FunctionSettings {
  /** What it calls of the HTTP API by AWS IAM: methods and paths. */
  readonly calls: readonly string[];
}

/** The Lambda function in `lambdas/<service>/bridge.ts`, once for each subscription, fed by a queue of its own. */
export interface Bridge {
  /** Events a call; at most 10, because they wait for no window. */
  readonly batchSize: number;
  readonly memoryMiB: number;
  readonly errorImpact: string;
}

/** The Lambda function in `lambdas/<service>/api.ts`, behind the HTTP API. */
export interface Api extends FunctionSettings {
  readonly routes: readonly Route[];
}

export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Path template of API Gateway: `/v1/accounts/{accountId}/logins`. */
  readonly path: string;
  readonly authorization: 'iam' | 'player' | 'public';
}

export const services: readonly Service[] = [
  {
    name: 'publisher',
    purpose: 'takes logins and outside events over HTTP, and answers once the bus has confirmed them',
    stage: true,
    watches: ['unconfirmed'],
    panels: ['logins'],
    emits: ['login.submitted', 'contact.changed', 'password.changed', 'account.erased'],
    tables: [],
    api: {
      routes: [
        { method: 'POST', path: '/v1/logins', authorization: 'iam' },
        { method: 'POST', path: '/v1/events', authorization: 'iam' },
        { method: 'DELETE', path: '/v1/accounts/{accountId}', authorization: 'iam' },
      ],
      memoryMiB: 512,
      timeoutSeconds: 15,
      access: {},
      publishes: ['login.submitted', 'contact.changed', 'password.changed', 'account.erased'],
      needs: ['event-types', 'trace-sampling'],
      errorImpact: 'Login servers get 5xx; logins that they do not post again are not watched.',
    },
  },
  {
    name: 'ip-checker',
    purpose: 'finds the country of the address of every login',
    stage: true,
    watches: ['geo-database-old'],
    panels: ['geo-database'],
    emits: ['login.located'],
    tables: [],
    consumer: {
      consumes: [{ event: 'login.submitted', leadsTo: ['login.located'] }],
      batchSize: 50,
      batchingWindowSeconds: 1,
      maxConcurrency: 20,
      memoryMiB: 512,
      timeoutSeconds: 10,
      access: {},
      publishes: ['login.located'],
      needs: ['geo-database'],
      errorImpact: 'Logins wait without a country: nothing new in the history, and no response to a login from abroad.',
    },
  },
  {
    name: 'login-logger',
    purpose: 'records every login where the player can see it, and passes on only the notable ones',
    stage: true,
    panels: ['countries'],
    emits: ['login.recorded', 'account.erasure_reported'],
    tables: [{ name: 'login-history', partitionKey: 'accountId', sortKey: 'entry', timeToLive: 'expiresAt' }],
    consumer: {
      consumes: [
        { event: 'login.located', leadsTo: ['login.recorded'] },
        { event: 'settings.changed', leadsTo: ['login.recorded'] },
        { event: 'verdict.decided' },
        { event: 'action.completed' },
        { event: 'account.erased', leadsTo: ['account.erasure_reported'] },
      ],
      batchSize: 50,
      batchingWindowSeconds: 1,
      maxConcurrency: 20,
      memoryMiB: 512,
      timeoutSeconds: 10,
      access: { 'login-history': ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'] },
      publishes: ['login.recorded', 'account.erasure_reported'],
      needs: ['home-countries'],
      errorImpact: 'Players do not see new logins, and nothing answers a login from abroad until this works again.',
    },
    api: {
      routes: [
        { method: 'GET', path: '/v1/me/logins', authorization: 'player' },
        { method: 'GET', path: '/v1/accounts/{accountId}/logins', authorization: 'iam' },
        { method: 'POST', path: '/v1/me/logins/{loginId}/dispute', authorization: 'player' },
        { method: 'POST', path: '/v1/me/logins/{loginId}/confirm', authorization: 'player' },
        { method: 'GET', path: '/v1/not-me', authorization: 'public' },
        { method: 'POST', path: '/v1/not-me', authorization: 'public' },
      ],
      memoryMiB: 512,
      timeoutSeconds: 10,
      access: { 'login-history': ['GetItem', 'Query', 'BatchGetItem', 'UpdateItem'] },
      publishes: ['login.recorded'],
      needs: ['home-countries', 'link-secret'],
      errorImpact: 'Players and support cannot read the login history, and players cannot say that a login was not theirs; logins are still recorded.',
    },
  },
  {
    name: 'account-security',
    purpose: 'judges notable logins by what the player chose, and asks for the responses',
    stage: true,
    panels: ['verdicts', 'actions'],
    emits: ['verdict.decided', 'action.requested', 'settings.changed', 'account.erasure_reported'],
    tables: [
      { name: 'account-facts', partitionKey: 'accountId', timeToLive: 'expiresAt' },
      { name: 'security-settings', partitionKey: 'accountId', sortKey: 'version', timeToLive: 'expiresAt' },
      { name: 'verdicts', partitionKey: 'accountId', sortKey: 'entry', timeToLive: 'expiresAt' },
    ],
    consumer: {
      consumes: [
        { event: 'login.recorded', leadsTo: ['verdict.decided', 'action.requested'] },
        { event: 'action.completed' },
        { event: 'challenge.verified' },
        { event: 'account.standing_changed' },
        { event: 'contact.changed' },
        { event: 'account.erased', leadsTo: ['account.erasure_reported'] },
      ],
      batchSize: 10,
      batchingWindowSeconds: 0,
      maxConcurrency: 20,
      memoryMiB: 512,
      timeoutSeconds: 10,
      access: {
        'account-facts': ['GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
        'security-settings': ['Query', 'DeleteItem'],
        verdicts: ['GetItem', 'Query', 'PutItem', 'DeleteItem'],
      },
      publishes: ['verdict.decided', 'action.requested', 'account.erasure_reported'],
      needs: ['home-countries', 'responses', 'mode', 'stale-after'],
      errorImpact: 'Logins from abroad are recorded, but nobody is told and nothing is done about them.',
    },
    api: {
      routes: [
        { method: 'GET', path: '/v1/me/security-settings', authorization: 'player' },
        { method: 'PUT', path: '/v1/me/security-settings', authorization: 'player' },
        { method: 'GET', path: '/v1/me/verdicts/{loginId}', authorization: 'player' },
        { method: 'GET', path: '/v1/me/trips', authorization: 'player' },
        { method: 'POST', path: '/v1/me/trips', authorization: 'player' },
        { method: 'DELETE', path: '/v1/me/trips/{id}', authorization: 'player' },
      ],
      memoryMiB: 512,
      timeoutSeconds: 10,
      access: {
        'account-facts': ['GetItem'],
        // A token may outlive its account: what was written for an erased one is dropped again.
        'security-settings': ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
        verdicts: ['GetItem'],
      },
      publishes: ['settings.changed'],
      needs: ['home-countries', 'responses', 'trusted-methods'],
      errorImpact: 'Players cannot see or change what happens at a login from abroad; what they chose still happens.',
    },
  },
  {
    name: 'notifier',
    purpose: 'sends the SMS and e-mails that were asked for, to the contact it knows',
    watches: ['notifications-failed', 'notifications-unknown', 'sms-capped'],
    panels: ['notifications'],
    emits: ['action.completed', 'account.erasure_reported'],
    tables: [
      { name: 'contacts', partitionKey: 'accountId', sortKey: 'since', timeToLive: 'expiresAt' },
      { name: 'sent-log', partitionKey: 'accountId', sortKey: 'actionId', timeToLive: 'expiresAt' },
    ],
    consumer: {
      consumes: [
        { event: 'action.requested', filter: { response: ['sms', 'email'] }, leadsTo: ['action.completed'] },
        { event: 'settings.changed' },
        { event: 'account.standing_changed' },
        { event: 'contact.changed', leadsTo: ['action.completed'] },
        { event: 'account.erased', leadsTo: ['account.erasure_reported'] },
      ],
      batchSize: 10,
      batchingWindowSeconds: 0,
      // SES and SNS take few messages a second from a new account; more at once would only be refused.
      maxConcurrency: 2,
      memoryMiB: 256,
      timeoutSeconds: 20,
      access: {
        contacts: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
        'sent-log': ['GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
      },
      publishes: ['action.completed', 'account.erasure_reported'],
      needs: ['email', 'sms', 'notice-caps', 'link-secret', 'public-url'],
      errorImpact: 'Players get no SMS and no e-mail about logins from abroad, locks and changed settings until this works again.',
    },
  },
  {
    name: 'account-standing',
    purpose: 'knows whether an account may be played, and tells login servers',
    watches: ['access-checks-slow', 'access-checks-failing', 'locks-held'],
    panels: ['access-checks', 'access-check-time'],
    emits: ['account.standing_changed', 'action.completed', 'account.erasure_reported'],
    tables: [{ name: 'standings', partitionKey: 'accountId', timeToLive: 'expiresAt' }],
    consumer: {
      consumes: [
        { event: 'action.requested', filter: { response: ['lock'] }, leadsTo: ['account.standing_changed', 'action.completed'] },
        { event: 'settings.changed' },
        { event: 'challenge.verified', leadsTo: ['account.standing_changed'] },
        { event: 'account.erased', leadsTo: ['account.erasure_reported'] },
      ],
      batchSize: 10,
      batchingWindowSeconds: 0,
      maxConcurrency: 20,
      memoryMiB: 256,
      timeoutSeconds: 10,
      access: { standings: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'] },
      publishes: ['account.standing_changed', 'action.completed', 'account.erasure_reported'],
      needs: ['locks-per-hour'],
      errorImpact: 'Accounts are neither locked nor unlocked, and changed settings do not reach access checks, until this works again.',
    },
    api: {
      routes: [
        { method: 'POST', path: '/v1/access-checks', authorization: 'iam' },
        { method: 'GET', path: '/v1/accounts/{accountId}/standing', authorization: 'iam' },
        { method: 'GET', path: '/v1/me/standing', authorization: 'player' },
        { method: 'POST', path: '/v1/accounts/{accountId}/unlock', authorization: 'iam' },
      ],
      memoryMiB: 512,
      timeoutSeconds: 10,
      access: { standings: ['GetItem', 'PutItem'] },
      publishes: ['account.standing_changed'],
      needs: ['geo-database', 'home-countries', 'responses', 'mode'],
      errorImpact: 'Login servers get no answer to access checks: who lets players in then also lets them into locked accounts.',
    },
  },
  {
    name: 'account-unlock',
    purpose: 'sends one-time codes and checks them, to lift locks and to prove players',
    watches: ['codes-failed'],
    panels: ['codes'],
    emits: ['challenge.requested', 'challenge.verified', 'account.erasure_reported'],
    tables: [
      { name: 'challenges', partitionKey: 'challenge', timeToLive: 'expiresAt' },
      { name: 'challenge-accounts', partitionKey: 'accountId', timeToLive: 'expiresAt' },
      { name: 'challenge-contacts', partitionKey: 'accountId', sortKey: 'since', timeToLive: 'expiresAt' },
      { name: 'challenge-limits', partitionKey: 'owner', timeToLive: 'expiresAt' },
    ],
    consumer: {
      consumes: [
        { event: 'challenge.requested' },
        { event: 'contact.changed' },
        { event: 'account.standing_changed' },
        { event: 'account.erased', leadsTo: ['account.erasure_reported'] },
      ],
      batchSize: 10,
      batchingWindowSeconds: 0,
      maxConcurrency: 5,
      memoryMiB: 256,
      timeoutSeconds: 20,
      access: {
        challenges: ['GetItem', 'PutItem', 'DeleteItem'],
        'challenge-accounts': ['GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
        'challenge-contacts': ['Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
        'challenge-limits': ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
      },
      publishes: ['account.erasure_reported'],
      needs: ['email', 'sms', 'sms-codes-per-day'],
      errorImpact: 'No codes go out: players cannot unlock their accounts, nor prove themselves to weaken their protection.',
    },
    api: {
      routes: [
        { method: 'POST', path: '/v1/me/challenges', authorization: 'player' },
        { method: 'POST', path: '/v1/me/challenges/verify', authorization: 'player' },
        { method: 'POST', path: '/v1/unlock-challenges', authorization: 'public' },
        { method: 'POST', path: '/v1/unlock-challenges/verify', authorization: 'public' },
      ],
      memoryMiB: 512,
      timeoutSeconds: 10,
      access: { challenges: ['UpdateItem'], 'challenge-accounts': ['GetItem'] },
      publishes: ['challenge.requested', 'challenge.verified'],
      needs: [],
      errorImpact: 'Players can neither ask for codes nor answer them: locked accounts stay locked until support lifts the lock.',
    },
  },
  {
    name: 'password-campaign',
    purpose: 'asks players whose password is old to choose a new one',
    emits: ['action.requested', 'account.erasure_reported'],
    tables: [
      { name: 'campaign-accounts', partitionKey: 'accountId', sortKey: 'entry', timeToLive: 'expiresAt' },
      { name: 'campaign-counts', partitionKey: 'campaign', sortKey: 'shard' },
    ],
    consumer: {
      consumes: [
        { event: 'login.submitted', leadsTo: ['action.requested'] },
        { event: 'password.changed' },
        { event: 'challenge.verified', leadsTo: ['action.requested'] },
        { event: 'account.erased', leadsTo: ['account.erasure_reported'] },
      ],
      batchSize: 50,
      batchingWindowSeconds: 1,
      maxConcurrency: 20,
      memoryMiB: 256,
      timeoutSeconds: 10,
      access: {
        'campaign-accounts': ['GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
        'campaign-counts': ['UpdateItem'],
      },
      publishes: ['action.requested', 'account.erasure_reported'],
      needs: ['campaigns', 'stale-after'],
      errorImpact: 'Players are not asked to change old passwords until this works again; nothing else waits for it.',
    },
    api: {
      routes: [{ method: 'GET', path: '/v1/campaigns/{id}', authorization: 'iam' }],
      memoryMiB: 256,
      timeoutSeconds: 10,
      access: { 'campaign-counts': ['Query'] },
      publishes: [],
      needs: ['campaigns'],
      errorImpact: 'Nobody can see how far the password campaigns are; they go on.',
    },
  },
  {
    name: 'http-bridge',
    purpose: 'takes events to the HTTP endpoints that subscribed, and puts what they reply onto the bus',
    panels: ['deliveries', 'deliveries-by-subscription', 'waiting', 'breakers'],
    emits: [],
    tables: [{ name: 'breakers', partitionKey: 'subscription' }],
    bridge: {
      batchSize: 10,
      memoryMiB: 256,
      errorImpact: 'The events of this subscription wait; its endpoint gets nothing until this works again.',
    },
  },
  {
    name: 'canary',
    purpose: 'sends a login through the whole chain every minute, and looks whether it arrived',
    emits: [],
    tables: [],
    watches: ['missing'],
    panels: ['canary'],
    schedule: {
      calls: ['POST /v1/logins', `GET /v1/accounts/${canaryAccount}/logins`],
      memoryMiB: 256,
      timeoutSeconds: 20,
      access: {},
      publishes: [],
      needs: ['api-url'],
      errorImpact: 'Nobody is told when the chain stands still; players notice nothing of this alone.',
    },
  },
];

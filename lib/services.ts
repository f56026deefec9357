import type { EventName } from '../lambdas/contracts/names.ts';

/**
 * The one table of services. Stacks, subscriptions, alarms, managed policies and the local run are made from it: a new
 * service is a folder in `lambdas/`, a contract, a row here, and a test.
 */
export interface Service {
  /** Folder in `lambdas/`, stack, queue, log group and alarm prefix. */
  readonly name: string;
  /** One sentence of the design: what this service does with what it gets. */
  readonly purpose: string;
  readonly emits: readonly EventName[];
  readonly tables: readonly Table[];
  readonly consumer?: Consumer;
  readonly api?: Api;
  readonly bridge?: Bridge;
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
 * `geo-database` and `event-types`: the file beside the bundle; `home-countries`: the deployment's default; `trusted-methods`: `amr` values
 * that prove more than the password; `email` and `sms`: sending by SES and SNS.
 */
export type Need = 'geo-database' | 'event-types' | 'home-countries' | 'trusted-methods' | 'email' | 'sms';

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
  /** SNS filter policy over the event's `data`; without one every event comes. */
  readonly filter?: Readonly<Record<string, readonly string[]>>;
}

/** The Lambda function in `lambdas/<service>/bridge.ts`, once for each subscription, fed by a queue of its own. */
export interface Bridge {
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
    emits: ['login.submitted', 'contact.changed', 'password.changed'],
    tables: [],
    api: {
      routes: [
        { method: 'POST', path: '/v1/logins', authorization: 'iam' },
        { method: 'POST', path: '/v1/events', authorization: 'iam' },
      ],
      memoryMiB: 512,
      timeoutSeconds: 15,
      access: {},
      publishes: ['login.submitted', 'contact.changed', 'password.changed'],
      needs: ['event-types'],
      errorImpact: 'Login servers get 5xx; logins that they do not post again are not watched.',
    },
  },
  {
    name: 'ip-checker',
    purpose: 'finds the country of the address of every login',
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
    emits: ['login.recorded'],
    tables: [{ name: 'login-history', partitionKey: 'accountId', sortKey: 'entry', timeToLive: 'expiresAt' }],
    consumer: {
      consumes: [
        { event: 'login.located', leadsTo: ['login.recorded'] },
        { event: 'settings.changed', leadsTo: ['login.recorded'] },
        { event: 'verdict.decided' },
        { event: 'action.completed' },
      ],
      batchSize: 50,
      batchingWindowSeconds: 1,
      maxConcurrency: 20,
      memoryMiB: 512,
      timeoutSeconds: 10,
      access: { 'login-history': ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'] },
      publishes: ['login.recorded'],
      needs: ['home-countries'],
      errorImpact: 'Players do not see new logins, and nothing answers a login from abroad until this works again.',
    },
    api: {
      routes: [
        { method: 'GET', path: '/v1/me/logins', authorization: 'player' },
        { method: 'GET', path: '/v1/accounts/{accountId}/logins', authorization: 'iam' },
      ],
      memoryMiB: 512,
      timeoutSeconds: 10,
      access: { 'login-history': ['Query', 'BatchGetItem'] },
      publishes: [],
      needs: [],
      errorImpact: 'Players and support cannot read the login history; logins are still recorded.',
    },
  },
  {
    name: 'account-security',
    purpose: 'judges notable logins by what the player chose, and asks for the responses',
    emits: ['verdict.decided', 'action.requested', 'settings.changed'],
    tables: [
      { name: 'security-settings', partitionKey: 'accountId', sortKey: 'version', timeToLive: 'expiresAt' },
      { name: 'verdicts', partitionKey: 'accountId', sortKey: 'entry', timeToLive: 'expiresAt' },
    ],
    consumer: {
      consumes: [{ event: 'login.recorded', leadsTo: ['verdict.decided', 'action.requested'] }, { event: 'action.completed' }],
      batchSize: 10,
      batchingWindowSeconds: 0,
      maxConcurrency: 20,
      memoryMiB: 512,
      timeoutSeconds: 10,
      access: {
        'security-settings': ['Query'],
        verdicts: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      },
      publishes: ['verdict.decided', 'action.requested'],
      needs: ['home-countries'],
      errorImpact: 'Logins from abroad are recorded, but nobody is told and nothing is done about them.',
    },
    api: {
      routes: [
        { method: 'GET', path: '/v1/me/security-settings', authorization: 'player' },
        { method: 'PUT', path: '/v1/me/security-settings', authorization: 'player' },
        { method: 'GET', path: '/v1/me/verdicts/{loginId}', authorization: 'player' },
      ],
      memoryMiB: 512,
      timeoutSeconds: 10,
      access: {
        'security-settings': ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
        verdicts: ['GetItem', 'Query'],
      },
      publishes: ['settings.changed'],
      needs: ['home-countries', 'trusted-methods'],
      errorImpact: 'Players cannot see or change what happens at a login from abroad; what they chose still happens.',
    },
  },
  {
    name: 'notifier',
    purpose: 'sends the SMS and e-mails that were asked for, to the contact it knows',
    emits: ['action.completed'],
    tables: [
      { name: 'contacts', partitionKey: 'accountId', sortKey: 'since', timeToLive: 'expiresAt' },
      { name: 'sent-log', partitionKey: 'accountId', sortKey: 'actionId', timeToLive: 'expiresAt' },
    ],
    consumer: {
      consumes: [
        { event: 'action.requested', filter: { response: ['sms', 'email'] }, leadsTo: ['action.completed'] },
        { event: 'settings.changed' },
        { event: 'contact.changed', leadsTo: ['action.completed'] },
      ],
      batchSize: 10,
      batchingWindowSeconds: 0,
      // SES and SNS take few messages a second from a new account; more at once would only be refused.
      maxConcurrency: 2,
      memoryMiB: 256,
      timeoutSeconds: 20,
      access: {
        contacts: ['Query', 'PutItem', 'UpdateItem'],
        'sent-log': ['GetItem', 'Query', 'UpdateItem'],
      },
      publishes: ['action.completed'],
      needs: ['email', 'sms'],
      errorImpact: 'Players get no SMS and no e-mail about logins from abroad until this works again.',
    },
  },
  {
    name: 'http-bridge',
    purpose: 'takes events to the HTTP endpoints that subscribed, and puts what they reply onto the bus',
    emits: [],
    tables: [{ name: 'breakers', partitionKey: 'subscription' }],
    bridge: {
      memoryMiB: 256,
      errorImpact: 'The events of this subscription wait; its endpoint gets nothing until this works again.',
    },
  },
];

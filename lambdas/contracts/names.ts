/** The names that producer, consumer, deployment and local run share. Each is written down here and nowhere else. */

/** Event types of the product, without the `loginward.` prefix and the version. */
export const eventNames = [
  'login.submitted',
  'login.located',
  'login.recorded',
  'verdict.decided',
  'action.requested',
  'action.completed',
  'settings.changed',
  'contact.changed',
  'password.changed',
  'account.standing_changed',
  'account.erased',
  'account.erasure_reported',
  'challenge.requested',
  'challenge.verified',
] as const;

export type EventName = (typeof eventNames)[number];

/** The CloudEvents `type` of an event: `login.located` becomes `loginward.login.located.v1`. */
export type EventType<N extends EventName = EventName> = `loginward.${N}.v1`;

export const eventType = <N extends EventName>(name: N): EventType<N> => `loginward.${name}.v1`;

/** The event types that a producer outside the chain may post to `POST /v1/events`. */
export const outsideEventNames = ['contact.changed', 'password.changed'] as const satisfies readonly EventName[];

/** Event types that no endpoint may subscribe to: what they carry is of no use outside, or not for others to see. */
export const internalEventNames = ['challenge.requested'] as const satisfies readonly EventName[];

/** The services, which are the `source` of what they emit. */
const serviceNames: readonly string[] = ['publisher', 'ip-checker', 'login-logger', 'account-security', 'notifier', 'account-standing', 'account-unlock', 'password-campaign', 'http-bridge', 'canary'];
/** What the `source` of an endpoint's answer begins with, before the name of its subscription. */
export const answersPrefix = 'subscriptions/';

/** Whether a `source` is one of ours: a service, or a subscription whose endpoint answered. */
export const isOwnSource = (source: string): boolean => serviceNames.includes(source) || source.startsWith(answersPrefix);

/** The topic of an event type, as part of a resource or parameter name: `login.located` becomes `login-located`. */
export const topicName = (name: EventName): string => name.replaceAll('.', '-').replaceAll('_', '-');

/** Environment variables of the functions. What a function does not need, it does not get. */
export const variables = {
  /** Name of the deployment, which every metric tells. */
  env: 'DEPLOYMENT',
  /** Which bus carries the events: `sns` or `kafka`. */
  bus: 'BUS',
  /** The topic of one event type: `TOPIC_LOGIN_LOCATED`. Its ARN on SNS, its name on Kafka. */
  topic: (name: EventName) => `TOPIC_${name.replaceAll(/[._]/g, '_').toUpperCase()}`,
  /** Name of one table of the service: `TABLE_LOGIN_HISTORY`. */
  table: (name: string) => `TABLE_${name.replaceAll('-', '_').toUpperCase()}`,
  /** URL of the service's own queue, whose failed records come back after a short, growing visibility. */
  queueUrl: 'QUEUE_URL',
  /** URL of the service's own dead-letter queue, where what can never be understood goes at once, with the reason. */
  deadLetterQueueUrl: 'DEAD_LETTER_QUEUE_URL',
  /** On MSK: ARN of the cluster; its brokers ask for IAM. */
  kafkaCluster: 'KAFKA_CLUSTER',
  /** On Kafka: the brokers, `host:port` separated by commas. */
  kafkaBrokers: 'KAFKA_BROKERS',
  /** Name of the secret with `username` and `password` for brokers without MSK; without it they ask for none. */
  kafkaSecret: 'KAFKA_SECRET',
  /** On Kafka: name of the service's own bucket for what could not be handled. */
  onFailureBucket: 'ON_FAILURE_BUCKET',
  /** Path of the geo database file inside the bundle: `geo.mmdb`. */
  geoDatabase: 'GEO_DATABASE',
  /** Name of the geo database, as it travels with every located login beside the moment it was built. */
  geoDatabaseName: 'GEO_DATABASE_NAME',
  /** Comma-separated ISO 3166-1 alpha-2 codes: the home countries of an account that chose none. */
  homeCountries: 'HOME_COUNTRIES',
  /** The claim of the player's token that names the account. */
  accountClaim: 'ACCOUNT_CLAIM',
  /** JSON with the responses of an account that chose none, by trigger. */
  defaultResponses: 'DEFAULT_RESPONSES',
  /** `observe` or `enforce`. */
  mode: 'MODE',
  /** JSON with the seconds after a login within which each response makes sense. */
  staleAfterSeconds: 'STALE_AFTER_SECONDS',
  /** JSON with how many notices go out at most. */
  noticeCaps: 'NOTICE_CAPS',
  /** How many accounts logins may lock in an hour before further locks are held. */
  locksPerHour: 'LOCKS_PER_HOUR',
  /** How many codes go out by SMS in a day, for all accounts together. */
  smsCodesPerDay: 'SMS_CODES_PER_DAY',
  /** Name of the secret that the links in notices are signed with. */
  linkSecret: 'LINK_SECRET',
  /** Where players reach the HTTP API: `https://api.example.com`. */
  publicUrl: 'PUBLIC_URL',
  /** Where the HTTP API is reached, for callers with AWS IAM. */
  apiUrl: 'API_URL',
  /** Path of the file inside the bundle with the password campaigns: `campaigns.json`. */
  campaigns: 'CAMPAIGNS',
  /** Comma-separated `amr` values that prove more than the password. */
  trustedMethods: 'TRUSTED_METHODS',
  /** The verified address that e-mails come from. */
  senderAddress: 'SENDER_ADDRESS',
  /** The share of logins and outside events whose traces are sampled, from 0 to 1. */
  traceSampling: 'TRACE_SAMPLING',
  /** Path of the file inside the bundle with the event types of the company's own: `event-types.json`. */
  eventTypes: 'EVENT_TYPES',
  /** The subscription of a function of the http-bridge, as JSON. */
  subscription: 'SUBSCRIPTION',
  /** Name of the bucket with the events that wait for an endpoint. */
  backlogBucket: 'BACKLOG_BUCKET',
} as const;

/** Where the events of a subscription lie in the bucket of the http-bridge: those that wait, and those that waited too long. */
export const backlogPrefix = (subscription: string): string => `backlog/${subscription}/`;
export const expiredFolder = 'expired/';
export const expiredPrefix = (subscription: string): string => `${expiredFolder}${subscription}/`;

/** Where a function on Kafka puts what can never be done, in its service's on-failure bucket, and where a subscription's of the http-bridge does. */
export const parkedFolder = 'parked/';
export const parkedPrefix = (subscription: string): string => `${parkedFolder}${subscription}/`;

/** Below it, in the same bucket, AWS Lambda puts what it gave up. */
export const givenUpFolder = 'aws/lambda/';

/** How often a record that failed alone is tried again on Kafka before its mapping puts it into the on-failure bucket. */
export const maxRetries = 10;

/** How often a record is received before it counts as poisoned and goes to the dead-letter queue. */
export const maxReceives = 5;

/** Message attributes of a record that waited: since when, and how often its endpoint refused it. */
export const heldSinceAttribute = 'Loginward.HeldSince';
export const refusalsAttribute = 'Loginward.Refusals';

/** Message attribute of a dead-lettered record that says why it lies there. */
export const reasonAttribute = 'Loginward.Reason';

/** The topic of any type, as part of a resource or parameter name: `studio.match.ended.v1` becomes `studio-match-ended-v1`. */
export function topicOf(type: string): string {
  const name = ownName(type);
  return name ? topicName(name) : type.replaceAll(/[._]/g, '-');
}

/** The environment variable with the topic of any type. */
export function topicVariableOf(type: string): string {
  const name = ownName(type);
  return name ? variables.topic(name) : `TOPIC_${type.replaceAll(/[.-]/g, '_').toUpperCase()}`;
}

const ownName = (type: string): EventName | undefined => eventNames.find((name) => eventType(name) === type);

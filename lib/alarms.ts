import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { metricOf } from './metric.ts';
import type { Names } from './names.ts';
import { difference } from './math.ts';
import type { Settings } from './settings.ts';

/** `critical` wakes somebody, `high` is for the day, `low` can wait for the week or is for the owner of an endpoint. */
export type Severity = 'critical' | 'high' | 'low';

/** What all alarms of a kind have in common. */
export interface AlarmDefinition {
  /** Heading of docs/runbook.md. */
  readonly heading: string;
  readonly severity: Severity;
  /** What breaks for whom, where it is the same for every service; left out, the table of services says it. */
  readonly errorImpact?: string;
  /** It fires above it, or below it; left out where it differs from one alarm to the next. */
  readonly above?: number;
  readonly below?: number;
  /** For how many periods, one after the other. */
  readonly periods: number;
  readonly missing: TreatMissingData;
}

/** What is not called, or where nothing happens, reports nothing, and nothing is wrong then. */
const silenceIsWell = TreatMissingData.NOT_BREACHING;
/** SQS stops to measure a queue that nobody touched for six hours, and a service at rest reports no age: what was so is so still. */
const silenceIsNoChange = TreatMissingData.IGNORE;
/** It reports every minute, so that silence is the fault. */
const silenceIsBad = TreatMissingData.BREACHING;
/** Nothing is known then, and the console says so. */
const silenceIsUnknown = TreatMissingData.MISSING;

/** The one table of the kinds of alarms; an alarm's name ends with its kind. */
export const alarmKinds = {
  // Of the whole chain.
  'chain-stands-still': {
    heading: 'The chain stands still',
    severity: 'critical',
    errorImpact: 'No login goes the whole way: nothing new in the history, and nothing is done about a login from abroad. The stages in alarm say where.',
    periods: 1,
    missing: silenceIsWell,
  },
  missing: {
    heading: 'Canary missing',
    severity: 'critical',
    errorImpact: 'For three minutes no further login of the canary, not even one of five minutes ago, went the whole way from the HTTP API to its verdict: real ones do not, either, or nobody looks.',
    below: 1,
    periods: 3,
    missing: silenceIsBad,
  },

  // Of what a service consumes, on SNS.
  'dead-letters': { heading: 'Dead letters', severity: 'high', above: 0, periods: 1, missing: silenceIsNoChange },
  undelivered: { heading: 'Undelivered', severity: 'high', above: 0, periods: 1, missing: silenceIsNoChange },
  /** Seconds. */
  behind: { heading: 'Behind', severity: 'high', above: 300, periods: 3, missing: silenceIsNoChange },
  // On Kafka.
  failed: { heading: 'Failed', severity: 'high', above: 0, periods: 1, missing: silenceIsWell },
  lost: { heading: 'Lost', severity: 'critical', above: 0, periods: 1, missing: silenceIsWell },
  /** Minutes; a batch with a record that always fails stands for some. */
  lagging: { heading: 'Behind', severity: 'high', above: 5, periods: 10, missing: silenceIsWell },
  /** Percent. */
  disk: {
    heading: 'Disk',
    severity: 'high',
    errorImpact: 'The disk of a broker is almost full; when it is, no service can publish and login servers get 503.',
    above: 80,
    periods: 1,
    missing: silenceIsUnknown,
  },

  // Of functions.
  'consumer-errors': { heading: 'Consumer errors', severity: 'high', above: 0, periods: 3, missing: silenceIsWell },
  'api-errors': { heading: 'API errors', severity: 'high', above: 0, periods: 3, missing: silenceIsWell },
  'bridge-errors': { heading: 'Bridge errors', severity: 'high', above: 0, periods: 3, missing: silenceIsWell },
  'consumer-throttles': { heading: 'Throttles', severity: 'high', above: 0, periods: 3, missing: silenceIsWell },
  'api-throttles': { heading: 'Throttles', severity: 'high', above: 0, periods: 3, missing: silenceIsWell },

  // Of one service each, by its own metrics.
  unconfirmed: {
    heading: 'Unconfirmed',
    severity: 'high',
    errorImpact: 'The bus does not confirm what is posted: login servers get 503 or 207, and logins that they do not post again are not watched.',
    above: 0,
    periods: 3,
    missing: silenceIsWell,
  },
  'access-checks-slow': {
    heading: 'Access checks slow',
    severity: 'high',
    errorImpact: 'Players wait for a second and more at the door of the game, or login servers give up waiting and let everybody in.',
    // Milliseconds.
    above: 1000,
    periods: 3,
    missing: silenceIsWell,
  },
  'access-checks-failing': {
    heading: 'Access checks failing',
    severity: 'high',
    errorImpact: 'Login servers get 5xx for access checks: who lets players in then also lets them into locked accounts.',
    above: 0,
    periods: 3,
    missing: silenceIsWell,
  },
  'locks-held': {
    heading: 'Locks held',
    severity: 'critical',
    errorImpact: 'More accounts were to be locked in an hour than ever should be, and further locks are held back: an attack on many accounts, or a broken geo database.',
    above: 0,
    periods: 1,
    missing: silenceIsWell,
  },
  'geo-database-old': {
    heading: 'Geo database old',
    severity: 'low',
    errorImpact: 'Addresses change hands: players at home are told of logins from abroad, and thieves abroad may look like home.',
    periods: 1,
    missing: silenceIsNoChange,
  },
  'notifications-failed': {
    heading: 'Notifications failed',
    severity: 'high',
    errorImpact: 'The provider refuses more notices than it takes: players are not told of logins from abroad, locks and changed settings.',
    above: 0,
    periods: 1,
    missing: silenceIsWell,
  },
  'notifications-unknown': {
    heading: 'Notifications unknown',
    severity: 'low',
    errorImpact: 'A function ended while it sent SMS: nobody knows whether they went out, and they are not sent twice.',
    above: 0,
    periods: 1,
    missing: silenceIsWell,
  },
  'sms-capped': {
    heading: 'SMS capped',
    severity: 'low',
    errorImpact: 'Notices are past a cap: players get an e-mail in place of an SMS, or a digest in place of e-mails.',
    above: 0,
    periods: 1,
    missing: silenceIsWell,
  },
  'codes-failed': {
    heading: 'Codes failed',
    severity: 'high',
    errorImpact: 'The provider refuses more one-time codes than it takes: players cannot unlock their accounts.',
    above: 0,
    periods: 1,
    missing: silenceIsWell,
  },

  // Of one subscription of the http-bridge.
  refused: {
    heading: 'Refused',
    severity: 'low',
    errorImpact: 'The endpoint refused events for good, or replied what cannot be taken; they lie in the dead-letter queue with the reason.',
    above: 0,
    periods: 1,
    missing: silenceIsNoChange,
  },
  rejected: {
    heading: 'Refused',
    severity: 'low',
    errorImpact: 'The endpoint refused events for good, or replied what cannot be taken; they lie in the bucket with the reason.',
    above: 0,
    periods: 1,
    missing: silenceIsWell,
  },
  misconfigured: {
    heading: 'Misconfigured',
    severity: 'low',
    errorImpact: 'The endpoint answers that it is not there, or redirects: its owner must correct it. Its events wait.',
    above: 0,
    periods: 3,
    missing: silenceIsWell,
  },
  broken: {
    heading: 'Broken',
    severity: 'low',
    errorImpact: 'The endpoint answers what is no answer: its owner must correct it. Its events wait.',
    above: 0,
    periods: 3,
    missing: silenceIsWell,
  },
  held: {
    heading: 'Held',
    severity: 'low',
    errorImpact: 'Events have waited for most of the hold time; when it is over they are put aside, and only npm run dlq brings them back.',
    periods: 1,
    missing: silenceIsWell,
  },
  waiting: {
    heading: 'Waiting',
    severity: 'low',
    errorImpact: 'Events have been in the queue for most of the hold time: the endpoint takes fewer than there come. SQS drops them after 14 days.',
    periods: 1,
    missing: silenceIsNoChange,
  },
} as const satisfies Readonly<Record<string, AlarmDefinition>>;

export type AlarmKind = keyof typeof alarmKinds;

/** The definition of a kind, whichever it is. */
export const alarmDefinitionOf = (kind: AlarmKind): AlarmDefinition => alarmKinds[kind];

/** What a heading becomes in the address of a page. */
export const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(' ', '-');

/** Where the runbook tells of a kind: in the repository, or where the deployment says that it can be read. */
export const runbookOf = (kind: AlarmKind, { runbookUrl }: Pick<Settings, 'runbookUrl'>): string => `${runbookUrl ?? 'docs/runbook.md'}#${anchorOf(alarmDefinitionOf(kind).heading)}`;

/** What an alarm tells whom it wakes: what breaks for whom, how bad it is, what to do, and where to look. */
export const alarmDescription = (kind: AlarmKind, errorImpact: string, dashboard: string, settings: Pick<Settings, 'runbookUrl'>): string =>
  [errorImpact, `Severity: ${alarmDefinitionOf(kind).severity}`, `Runbook: ${runbookOf(kind, settings)}`, `Dashboard: ${dashboard}`].join('\n');

const below = ComparisonOperator.LESS_THAN_THRESHOLD;
const above = ComparisonOperator.GREATER_THAN_THRESHOLD;

/**
 * When an alarm of a kind fires.
 *
 * @param threshold of a kind that fires above what differs from one alarm to the next
 */
export function evaluationOf(kind: AlarmKind, threshold?: number) {
  const definition = alarmDefinitionOf(kind);
  const limit = definition.below ?? definition.above ?? threshold;
  if (limit === undefined) throw new Error(`An alarm of the kind ${kind} needs a threshold.`);
  return {
    threshold: limit,
    evaluationPeriods: definition.periods,
    comparisonOperator: definition.below === undefined ? above : below,
    treatMissingData: definition.missing,
  };
}

/** Of whom a watch is: the deployment and the service. */
interface Watched {
  readonly names: Pick<Names, 'env'>;
  readonly service: string;
  readonly settings: Settings;
}

/** What a service's own metrics are watched for: the row of the service names it. */
export interface Watch {
  metric(watched: Watched): IMetric;
  /** Where the kind has none of its own. */
  threshold?(settings: Settings): number;
}

const sum = { statistic: 'Sum' } as const;
const quarterOfAnHour = { ...sum, period: Duration.minutes(15) } as const;
const daySeconds = 86_400;

/** The kinds that a row of the table of services names. */
export const watches = {
  missing: { metric: ({ names, service }) => metricOf(names, service, 'CanaryArrived', sum) },
  unconfirmed: { metric: ({ names, service }) => metricOf(names, service, 'Unconfirmed', sum) },
  'access-checks-slow': { metric: ({ names, service }) => metricOf(names, service, 'AccessCheckTime', { statistic: 'p99' }) },
  'access-checks-failing': { metric: ({ names, service }) => metricOf(names, service, 'AccessCheckFailed', sum) },
  'locks-held': { metric: ({ names, service }) => metricOf(names, service, 'LocksHeld', sum) },
  'geo-database-old': {
    metric: ({ names, service }) => metricOf(names, service, 'GeoDatabaseAge', { statistic: 'Maximum' }),
    threshold: ({ geoDatabaseDays }) => geoDatabaseDays * daySeconds,
  },
  // One address that is no more must not call anybody: more refused than taken.
  'notifications-failed': {
    metric: ({ names, service }) =>
      difference(metricOf(names, service, 'NotificationFailed', quarterOfAnHour), metricOf(names, service, 'NotificationSent', quarterOfAnHour), 'Refused more than taken'),
  },
  'notifications-unknown': { metric: ({ names, service }) => metricOf(names, service, 'NotificationUnknown', sum) },
  'sms-capped': { metric: ({ names, service }) => metricOf(names, service, 'NotificationCapped', sum) },
  'codes-failed': {
    metric: ({ names, service }) =>
      difference(metricOf(names, service, 'NotificationFailed', quarterOfAnHour), metricOf(names, service, 'CodeSent', quarterOfAnHour), 'Refused more than taken'),
  },
} as const satisfies Partial<Record<AlarmKind, Watch>>;

export type WatchName = keyof typeof watches;

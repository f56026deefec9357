import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricBy, MetricName } from '../../lambdas/contracts/metrics.ts';
import { type Response, response, trigger } from '../../lambdas/contracts/primitives.ts';
import { alarmKinds } from '../alarms.ts';
import { expression } from '../math.ts';
import { metricOf } from '../metric.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import { colours } from './colours.ts';
import type { Graph } from './graph.ts';
import { each, largest, together } from './search.ts';

/** Whose figures a panel shows. */
export interface PanelOf {
  readonly names: Names;
  readonly settings: Settings;
  readonly service: string;
}

/** Metrics that are not told apart. */
type Whole = MetricBy<undefined>;

/** How often something happened. */
export const count = ({ names, service }: PanelOf, metric: Whole, label: string, color: string): Metric => metricOf(names, service, metric, { statistic: 'Sum', label, color });

/** The counts of a metric, by name, label and colour. */
export const counts = (of: PanelOf, ...rows: readonly (readonly [Whole, string, string])[]): Metric[] => rows.map((row) => count(of, ...row));

/** Responses in the order of how much they do, mild ones cold and hard ones warm. */
const responseColours: Readonly<Record<Response, string>> = {
  none: colours.swallowed,
  email: colours.in,
  sms: colours.p50,
  player_message: colours.out,
  kick: colours.waiting,
  block_abroad: colours.parked,
  lock: colours.failed,
};
const triggerColours = { login_abroad: colours.in, new_country: colours.p50, unlocated: colours.waiting, disputed: colours.failed } as const;

/** What the http-bridge makes of an event, from the best to the worst. */
const deliveries: readonly (readonly [MetricBy<'subscription'>, string, string])[] = [
  ['Delivered', 'delivered', colours.out],
  ['Stale', 'too late', colours.swallowed],
  ['Unavailable', 'endpoint away', colours.waiting],
  ['Misconfigured', 'not the endpoint', colours.p99],
  ['Broken', 'no answer', colours.p50],
  ['Refused', 'refused', colours.failed],
  ['Rejected', 'given up', colours.parked],
];

/** The panels that rows of the table of services name: what a service shows of its own metrics. */
export const panels = {
  logins: (of: PanelOf): Graph => ({
    title: 'Logins taken, and requests that were not',
    unit: 'a minute',
    left: counts(of, ['LoginsAccepted', 'logins accepted', colours.in], ['Unconfirmed', 'not confirmed by the bus', colours.parked]),
    right: counts(of, ['RequestRefused', 'requests refused (4xx)', colours.waiting], ['RequestFailed', 'requests failed (5xx)', colours.failed]),
    rightUnit: 'requests a minute',
  }),
  'geo-database': ({ names, service }: PanelOf): Graph => ({
    title: 'Geo database: days old',
    unit: 'days',
    left: [
      expression('age / 86400', { age: metricOf(names, service, 'GeoDatabaseAge', { statistic: 'Maximum' }) }, { label: 'days', color: colours.in }),
    ],
    as: 'value',
  }),
  countries: ({ names, service }: PanelOf): Graph => ({
    title: 'Logins not from home: the ten busiest countries',
    unit: 'logins a minute',
    left: [largest(names, service, 'LoginsByCountry', 10)],
    as: 'stack',
  }),
  verdicts: ({ names, service }: PanelOf): Graph => ({
    title: 'Verdicts by trigger',
    unit: 'a minute',
    left: trigger.options.map((by) => metricOf(names, service, 'Verdicts', { statistic: 'Sum', by, label: by, color: triggerColours[by] })),
    as: 'stack',
  }),
  actions: (of: PanelOf): Graph => ({
    title: 'Actions asked for, by response',
    unit: 'a minute',
    left: [
      ...response.options
        // These two are facts of the account, and ask nobody for anything.
        .filter((by) => by !== 'none' && by !== 'block_abroad')
        .map((by) => metricOf(of.names, of.service, 'ActionsRequested', { statistic: 'Sum', by, label: by, color: responseColours[by] })),
      count(of, 'Observed', 'only observed', colours.swallowed),
    ],
    as: 'stack',
  }),
  notifications: (of: PanelOf): Graph => ({
    title: 'Notices by outcome',
    unit: 'a minute',
    left: counts(
      of,
      ['NotificationSent', 'sent', colours.out],
      ['NotificationNoContact', 'no contact', colours.swallowed],
      ['NotificationStale', 'too late', colours.p50],
      ['NotificationCapped', 'past a cap', colours.waiting],
      ['NotificationFailed', 'refused by the provider', colours.failed],
      ['NotificationUnknown', 'unknown', colours.p99],
    ),
    as: 'stack',
  }),
  'access-checks': (of: PanelOf): Graph => ({
    title: 'Access checks, and locks held back',
    unit: 'a minute',
    left: counts(
      of,
      ['AccessAllowed', 'allowed', colours.out],
      ['AccessDenied', 'denied', colours.waiting],
      ['AccessCheckFailed', 'failed (5xx)', colours.failed],
      ['LocksHeld', 'locks held back', colours.parked],
    ),
    as: 'stack',
  }),
  'access-check-time': ({ names, service }: PanelOf): Graph => ({
    title: 'How long an access check takes',
    unit: 'milliseconds',
    left: percentiles(names, service, 'AccessCheckTime'),
    marks: [{ value: alarmKinds['access-checks-slow'].above, label: 'alarm', color: colours.failed }],
  }),
  codes: (of: PanelOf): Graph => ({
    title: 'One-time codes by outcome',
    unit: 'a minute',
    left: counts(
      of,
      ['CodeSent', 'sent', colours.out],
      ['CodeNoContact', 'no contact', colours.swallowed],
      ['CodeLimited', 'past a limit', colours.waiting],
      ['NotificationFailed', 'refused by the provider', colours.failed],
      ['NotificationUnknown', 'unknown', colours.p99],
    ),
    as: 'stack',
  }),
  deliveries: ({ names, service }: PanelOf): Graph => ({
    title: 'Deliveries by outcome',
    unit: 'a minute',
    left: deliveries.map(([metric, label, color]) => together(names, service, metric, { label, color })),
    as: 'stack',
  }),
  'deliveries-by-subscription': ({ names, service }: PanelOf): Graph => ({
    title: 'Delivered, by subscription',
    unit: 'events a minute',
    left: [each(names, service, 'Delivered', 'Sum')],
  }),
  waiting: ({ names, service }: PanelOf): Graph => ({
    title: 'Waiting for endpoints',
    unit: 'seconds, the oldest',
    left: [each(names, service, 'HeldSeconds', 'Maximum')],
    right: [together(names, service, 'Held', { label: 'events held', color: colours.waiting }), together(names, service, 'Expired', { label: 'batches put aside', color: colours.failed })],
    rightUnit: 'a minute',
  }),
  breakers: ({ names, service }: PanelOf): Graph => ({
    title: 'Endpoints that are given a rest',
    unit: '1 while it rests',
    left: [each(names, service, 'BreakerOpen', 'Maximum')],
  }),
  canary: (of: PanelOf): Graph => ({
    title: 'The canary arrives',
    unit: '1 each minute',
    left: [count(of, 'CanaryArrived', 'arrived', colours.out)],
    marks: [{ value: alarmKinds.missing.below, label: 'as it should be', color: colours.swallowed }],
  }),
} as const satisfies Readonly<Record<string, (of: PanelOf) => Graph>>;

export type PanelName = keyof typeof panels;

/** The middle and the slow end of a measure. */
export const percentiles = (names: Names, service: string, metric: Extract<MetricName, Whole>) =>
  (['p50', 'p99'] as const).map((statistic) => metricOf(names, service, metric, { statistic, label: statistic, color: colours[statistic] }));

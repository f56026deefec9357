import type { Response, Trigger } from './primitives.ts';

/**
 * The metrics that functions write, in one namespace of CloudWatch (EMF). Each has the dimensions `env` and `service`, and what `by` names: values out
 * of a closed list, never an account, an address or an endpoint's URL, because CloudWatch bills each combination as a metric of its own.
 */
export const metricsNamespace = 'Loginward';

/** What a metric may be told apart by, beside the deployment and the service. */
export type MetricDimension = 'subscription' | 'trigger' | 'response' | 'country';

export interface MetricDefinition {
  /** `None` is a state: 1 or 0. */
  readonly unit: 'Count' | 'Seconds' | 'Milliseconds' | 'None';
  readonly by?: MetricDimension;
  /** What one of it means, in a sentence that a dashboard may show. */
  readonly meaning: string;
}

const count = (meaning: string) => ({ unit: 'Count', meaning }) as const;
const countBy = <D extends MetricDimension>(by: D, meaning: string) => ({ unit: 'Count', by, meaning }) as const;

export const metrics = {
  Received: count('Events that came from the bus, each try'),
  Emitted: count('Events that the bus confirmed'),
  Swallowed: count('Events whose way ended here on purpose'),
  Failed: count('Events that failed and come back'),
  Parked: count('Events that can never be done, put aside with the reason'),
  Unconfirmed: count('Events that the bus did not confirm'),
  EventAge: { unit: 'Seconds', meaning: 'From the acceptance of the login or request until this service was done with what followed from it' },

  LoginsAccepted: count('Logins that were answered 202'),
  RequestRefused: count('Requests answered 4xx'),
  RequestFailed: count('Requests answered 5xx'),
  GeoDatabaseAge: { unit: 'Seconds', meaning: 'Since the geo database was built' },
  LoginsByCountry: countBy('country', 'Successful logins that are not from home, by country; `none` where there is none'),
  Verdicts: countBy('trigger', 'Logins by each trigger that held, counted when a judgement finds it first'),
  ActionsRequested: countBy('response', 'Actions asked for, by response'),
  Observed: count('Actions that would have been asked for, were the mode not `observe`'),
  LocksHeld: count('Locks held back, because there were too many in an hour'),
  AccessAllowed: count('Access checks answered `allow`'),
  AccessDenied: count('Access checks answered `deny`'),
  AccessCheckFailed: count('Access checks answered 5xx'),
  AccessCheckTime: { unit: 'Milliseconds', meaning: 'From the request to the decision of an access check, in the function' },

  CodeSent: count('One-time codes sent'),
  CodeLimited: count('One-time codes not sent, because of a limit'),
  CodeNoContact: count('One-time codes not sent, because there is no contact for them'),
  NotificationSent: count('Notices that the provider took'),
  NotificationUnknown: count('SMS of which nobody knows whether they went out'),
  NotificationFailed: count('Notices that the provider refused for good'),
  NotificationNoContact: count('Notices without a contact to send them to'),
  NotificationStale: count('Notices that came too late, told in a digest'),
  NotificationCapped: count('Notices past a cap, told by e-mail or in a digest'),

  Delivered: countBy('subscription', 'Events that an endpoint took'),
  Held: countBy('subscription', 'Events that wait for an endpoint'),
  Refused: countBy('subscription', 'Events that an endpoint refused, each try'),
  Rejected: countBy('subscription', 'Events parked, because the endpoint refused them for good or because they are none'),
  Unavailable: countBy('subscription', 'Deliveries that failed because an endpoint did not work'),
  Misconfigured: countBy('subscription', 'Deliveries answered by something that is not the endpoint'),
  Broken: countBy('subscription', 'Deliveries answered by what is no answer'),
  Expired: countBy('subscription', 'Batches put aside because they waited too long'),
  Stale: countBy('subscription', 'Events too late for an endpoint'),
  HeldSeconds: { unit: 'Seconds', by: 'subscription', meaning: 'Since when the oldest event waits for an endpoint' },
  BreakerOpen: { unit: 'None', by: 'subscription', meaning: '1 while a subscription gives its endpoint a rest, else 0' },

  CanaryArrived: { unit: 'None', meaning: '1 when since the minute before one more login, at most 5 minutes old, stands in the history with its verdict, else 0' },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metrics;

/** What a metric is told apart by; `undefined` for nothing. */
export type DimensionOf<M extends MetricName> = (typeof metrics)[M] extends { readonly by: infer D extends MetricDimension } ? D : undefined;

/** The metrics that are told apart by one of some dimensions. */
export type MetricBy<D extends MetricDimension | undefined> = { [M in MetricName]: DimensionOf<M> extends D ? M : never }[MetricName];

/** The metrics of a unit. */
export type MetricIn<U extends MetricDefinition['unit']> = { [M in MetricName]: (typeof metrics)[M]['unit'] extends U ? M : never }[MetricName];

/** What each dimension may be. */
export interface DimensionValues {
  /** Name of a subscription file, which is the deployment's. */
  readonly subscription: string;
  readonly trigger: Trigger;
  readonly response: Response;
  /** ISO 3166-1 alpha-2 as a geo database says it, or nothing. */
  readonly country: string | null;
}

/** The definition of a metric, whichever it is. */
export const definitionOf = (metric: MetricName): MetricDefinition => metrics[metric];

/** The value of `country` where there is none. */
export const noCountry = 'none';

/**
 * The account of the canary, whose login goes the whole way every minute. Services leave it out of their figures, and do nothing about it.
 */
export const canaryAccount = 'loginward.canary';
export const isCanary = (accountId: string): boolean => accountId === canaryAccount;

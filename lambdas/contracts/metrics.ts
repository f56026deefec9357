/**
 * The metrics that functions write, in one namespace of CloudWatch (EMF). Each has the dimensions `env` and `service`, and what `by` names: values out
 * of a closed list, never an account, an address or an endpoint's URL, because CloudWatch bills each combination as a metric of its own.
 */
export const metricsNamespace = 'Loginward';

/** What a metric may be told apart by, beside the deployment and the service. */
export type MetricDimension = 'subscription' | 'trigger' | 'response' | 'country';

export interface MetricDefinition {
  readonly unit: 'Count' | 'Seconds' | 'Milliseconds';
  readonly by?: MetricDimension;
  /** What one of it means, in a sentence that a dashboard may show. */
  readonly meaning: string;
}

const count = (meaning: string, by?: MetricDimension): MetricDefinition => ({ unit: 'Count', meaning, ...(by && { by }) });

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
  LoginsByCountry: count('Logins that are not from home, by country; `none` where there is none', 'country'),
  Verdicts: count('Logins judged for the first time, by each trigger that held', 'trigger'),
  ActionsRequested: count('Actions asked for, by response', 'response'),
  Observed: count('Actions that would have been asked for, were the mode not `observe`'),
  LocksHeld: count('Locks held back, because there were too many in an hour'),
  AccessAllowed: count('Access checks answered `allow`'),
  AccessDenied: count('Access checks answered `deny`'),
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

  Delivered: count('Events that an endpoint took', 'subscription'),
  Held: count('Events that wait for an endpoint', 'subscription'),
  Refused: count('Events that an endpoint refused for good', 'subscription'),
  Unavailable: count('Deliveries that failed because an endpoint did not work', 'subscription'),
  Misconfigured: count('Deliveries answered by something that is not the endpoint', 'subscription'),
  Broken: count('Deliveries answered by what is no answer', 'subscription'),
  Expired: count('Batches put aside because they waited too long', 'subscription'),
  Stale: count('Events too late for an endpoint', 'subscription'),
  HeldSeconds: { unit: 'Seconds', by: 'subscription', meaning: 'Since when the oldest event waits for an endpoint' },
  BreakerOpen: count('1 while a subscription gives its endpoint a rest, else 0', 'subscription'),

  CanaryArrived: count('1 when the login of the minute before stands in the history with its verdict, else 0'),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metrics;

/**
 * The account of the canary, whose login goes the whole way every minute. Services leave it out of their figures, and do nothing about it.
 */
export const canaryAccount = 'loginward.canary';
export const isCanary = (accountId: string): boolean => accountId === canaryAccount;

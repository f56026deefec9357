import type { AlarmState, DrawnDashboard } from '../cloudwatch/types.ts';

/** What the operator's console shows of the local run: the answer of `GET /local/console/state`. */
export interface ConsoleState {
  /** When it was looked at, and since when this run is up, in epoch milliseconds. */
  readonly at: number;
  readonly since: number;
  /** Figures are of the last so many minutes; what is counted on the bus at most since the start. */
  readonly minutes: number;
  readonly bus: 'sns' | 'kafka';
  /** In the order of the chain. */
  readonly stages: readonly Stage[];
  readonly flows: readonly Flow[];
  readonly backlogs: readonly Backlog[];
  readonly subscriptions: readonly SubscriptionState[];
  /** Newest first. */
  readonly logins: readonly ConsoleLogin[];
  /** What is wrong first. */
  readonly alarms: readonly ConsoleAlarm[];
}

/** A dashboard with its values, as of a moment in epoch milliseconds: the answer of `GET /local/console/dashboards/{name}`. */
export type ConsoleDashboard = DrawnDashboard & { readonly at: number };

/** A service, as a stage of the chain. */
export interface Stage {
  readonly name: string;
  readonly purpose: string;
  /** How many hops it is from the publisher; services with the same number stand side by side. */
  readonly column: number;
  readonly figures: StageFigures;
  /** From the acceptance of a login until this service was done with it, in seconds; nothing without events. */
  readonly ageP50: number | null;
  readonly ageP99: number | null;
  /** Events that wait for it or are in work, of all its queues, and that lie in its dead-letter queues. */
  readonly waiting: number;
  readonly dead: number;
  /** The worst state of its alarms. */
  readonly alarm: AlarmState;
}

/** Sums of what the service's functions counted. */
export interface StageFigures {
  /** Of a service that consumes nothing, what it took over HTTP, which is what it emitted. */
  readonly received: number;
  readonly emitted: number;
  readonly swallowed: number;
  readonly failed: number;
  readonly parked: number;
}

/** An event type on the bus. */
export interface Flow {
  /** `login.located`; of the company's own types the name of the topic. */
  readonly event: string;
  /** How many hops behind the publisher it is on a login's way; nothing for what is not on it. */
  readonly hop: number | null;
  /** Services, and subscriptions of the http-bridge. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly count: number;
}

/** What waits for one consumer. */
export interface Backlog {
  /** The service, or the subscription of the http-bridge. */
  readonly consumer: string;
  readonly isSubscription: boolean;
  /** Visible messages of its queue; on Kafka the lag of its groups. */
  readonly waiting: number;
  /** Received and not yet deleted, or delayed; nothing on Kafka. */
  readonly inFlight: number | null;
  /** Age of the oldest message in seconds; nothing when there is none, and on Kafka. */
  readonly oldestSeconds: number | null;
  /** Messages in the dead-letter queue; on Kafka objects in the on-failure bucket. */
  readonly dead: number;
  /** What SNS could not deliver; nothing on Kafka. */
  readonly undelivered: number | null;
}

/** A subscription of the http-bridge. */
export interface SubscriptionState {
  readonly name: string;
  readonly owner: string;
  /** Scheme, host and port: the rest may hold what is not for showing. */
  readonly endpoint: string;
  readonly eventTypes: readonly string[];
  readonly breaker: 'closed' | 'open' | 'paused';
  /** When an open breaker tries again, RFC 3339. */
  readonly probeAt: string | null;
  /** Batches of events put aside in S3. */
  readonly heldBatches: number;
}

/** A login, without its address. */
export interface ConsoleLogin {
  readonly loginId: string;
  readonly accountId: string;
  readonly country: string | null;
  readonly unlocatedReason: string | null;
  /** RFC 3339. */
  readonly occurredAt: string;
  readonly outcome: string;
  /** Of a notable login, once it was judged. */
  readonly verdict: ConsoleVerdict | null;
}

export interface ConsoleVerdict {
  readonly triggers: readonly string[];
  readonly responses: readonly string[];
  readonly actions: readonly { readonly response: string; readonly outcome: string | null }[];
}

export interface ConsoleAlarm {
  readonly name: string;
  readonly state: AlarmState;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly reason: string;
  /** What breaks for whom. */
  readonly errorImpact: string;
  readonly severity: string | null;
  /** Anchor of its heading in the runbook. */
  readonly runbook: string | null;
  /** Name of the dashboard on which it is seen. */
  readonly dashboard: string | null;
}

/**
 * What a login takes, as counted. Requests and units: `npm run bench`, and the same meter (`local/aws/meter.ts`) over 400 logins from abroad of accounts with an e-mail
 * address and the default responses. CPU: of the functions' processes in the same runs, without their starts. Sizes: of the items that were written, by DynamoDB's rules.
 */

/** What one stage does with an event of its queue, or with a login of a request. */
export interface StageLoad {
  /** Name of the service. */
  readonly stage: string;
  /** Events from its queue for each login. */
  readonly events: number;
  /** Events that it publishes for each login; those of one type share a request. */
  readonly publishes: number;
  readonly writes: number;
  readonly reads: number;
  /** Milliseconds of a whole processor for each login. */
  readonly cpu: number;
}

/** Of every login, from wherever it comes. */
export const everyLogin: readonly StageLoad[] = [
  { stage: 'publisher', events: 0, publishes: 1, writes: 0, reads: 0, cpu: 0.43 },
  { stage: 'ip-checker', events: 1, publishes: 1, writes: 0, reads: 0, cpu: 0.25 },
  // The login's own item; the account's home countries.
  { stage: 'login-logger', events: 1, publishes: 0, writes: 1, reads: 1, cpu: 0.92 },
  { stage: 'password-campaign', events: 1, publishes: 0, writes: 0, reads: 0, cpu: 0.06 },
];

/** Of a login from abroad besides: judged, told by e-mail, and shown so in the history. Those of an account that share a notice take less. */
export const loginFromAbroad: readonly StageLoad[] = [
  { stage: 'login-logger', events: 2, publishes: 1, writes: 4, reads: 4, cpu: 7.8 },
  { stage: 'account-security', events: 2, publishes: 2, writes: 4, reads: 5, cpu: 10.8 },
  { stage: 'notifier', events: 1, publishes: 1, writes: 5, reads: 2, cpu: 12.6 },
];

/** Of an access check: one read. */
export const accessCheck = { stage: 'account-standing', reads: 1, cpu: 2.8 };

/**
 * Bytes of the items that are there for each login, with the 100 that DynamoDB adds to each for its index of storage. A typical login (`typical.ts`) has all that may be
 * posted: product, session, device and user agent; without these four its item has 117 bytes. A test measures it.
 */
export const storedBytes = {
  everyLogin: 207 + 100,
  /** Of a login from abroad besides: its mark in the history, the verdict beside it and the action's outcome; the receipt, the notice and its outcome; the sent log. */
  loginFromAbroad: (219 + 100) + 125 + (85 + 100) + (1918 + 100) + (162 + 100) + (90 + 100) + (300 + 100),
  days: 90,
};

/** MiB of a function that has one processor; one with less has that share of it. */
export const mibOfProcessor = 1769;

/** What the functions wait for in an invocation: a publish of 25 ms, or a round of DynamoDB of 8 ms. Assumed, as nothing here was measured on AWS. */
export const waits = { publishMilliseconds: 25, tableMilliseconds: 8 };

/** How long an invocation waits that publishes, or that reads and writes a table. In milliseconds. */
export const waitedFor = (publishes: number, tableCalls: number): number => (publishes > 0 ? waits.publishMilliseconds : 0) + (tableCalls > 0 ? 2 * waits.tableMilliseconds : 0);

/**
 * Bytes of logs: of an invocation its metrics (EMF, 230 for one event to 680 for fifty); of a request the line of the access log; of a sampled event the line that each stage
 * leaves. The access log's are assumed. Of an invocation that did not fail Lambda itself logs nothing (`lambdaReports`): that would be some 700 more.
 */
export const logBytes = { metrics: 450, accessLog: 350, event: 380 };

/** What is kept of a byte of logs: CloudWatch compresses them. As in the examples on AWS's page of prices. */
export const keptOfLogs = 0.15;

/** Share of all logins that are traced and logged (`traceSampling`); those that are notable all are. */
export const sampled = 0.01;

/**
 * Metrics of our own that have values in an hour with traffic, without those by country; the countries that logins come from in an hour; and
 * those of a deployment that nobody but the canary uses: its own, and the age of the geo database.
 */
export const metricsInUse = { services: 50, countries: 60, canary: 2 };

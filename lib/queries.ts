import { type Stack, Token } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { evenly } from './evenly.ts';
import type { Names } from './names.ts';

/** Whose log lines a query looks through. */
type Scope = 'functions' | 'subscriptions' | 'access-log';

/** A question of the runbook, for Logs Insights. Words in capitals are to be replaced. */
interface Query {
  readonly over: Scope;
  readonly lines: readonly string[];
}

/**
 * The questions, by name. The fields of an event's line are those of `lambdas/runtime/event-log.ts`, of the access log those of the HTTP API's stack, and
 * of `platform.report` AWS Lambda's own.
 */
export const queries = {
  'one-login': {
    over: 'functions',
    lines: [
      'fields @timestamp, service, message, eventType, outcome, ageSeconds, subscription, delivery, reason, traceId',
      'filter loginId = "LOGIN_ID"',
      'sort @timestamp asc',
      'limit 1000',
    ],
  },
  failures: {
    over: 'functions',
    lines: ['filter level = "ERROR"', 'stats count(*) as failures, max(@timestamp) as latest by service, message, eventType, reason', 'sort failures desc', 'limit 200'],
  },
  'slowest-stages': {
    over: 'functions',
    lines: [
      // On a quiet deployment its canary would be most of them.
      'filter message = "Event" and ispresent(ageSeconds) and not ispresent(canary)',
      'stats count(*) as events, pct(ageSeconds, 50) as p50, pct(ageSeconds, 99) as p99, max(ageSeconds) as slowest by service, eventType',
      'sort p99 desc',
    ],
  },
  parked: {
    over: 'functions',
    lines: ['fields @timestamp, service, eventType, eventId, record, reason', 'filter outcome = "parked"', 'sort @timestamp desc', 'limit 200'],
  },
  'refused-requests': {
    over: 'access-log',
    lines: ['filter status like /^[45]/', 'stats count(*) as requests, max(@timestamp) as latest by routeKey, status, authorizerError, integrationError', 'sort requests desc', 'limit 200'],
  },
  'cold-starts': {
    over: 'functions',
    lines: [
      'filter type = "platform.report" and ispresent(record.metrics.initDurationMs)',
      'stats count(*) as coldStarts, pct(record.metrics.initDurationMs, 50) as p50, max(record.metrics.initDurationMs) as slowest by @log',
      'sort coldStarts desc',
    ],
  },
  deliveries: {
    over: 'subscriptions',
    lines: ['filter subscription = "SUBSCRIPTION"', 'stats count(*) as lines, max(@timestamp) as latest by message, delivery, outcome, reason', 'sort lines desc', 'limit 200'],
  },
} as const satisfies Readonly<Record<string, Query>>;

export type QueryName = keyof typeof queries;

/** Log groups that Logs Insights looks through at once, at most. */
const maxGroups = 50;

/** A query definition of AWS. */
interface SavedQuery {
  readonly name: string;
  readonly queryString: string;
  readonly logGroupNames: string[];
}

/** The queries over what the stacks log; one that would look through too many groups becomes several, with a number behind the name. */
export function savedQueries(names: Names, stacks: readonly Stack[]): SavedQuery[] {
  const groups = stacks.flatMap((stack) => stack.node.findAll().flatMap((each) => (each instanceof CfnLogGroup && each.logGroupName !== undefined ? [each.logGroupName] : [])));
  const unresolved = groups.find((name) => Token.isUnresolved(name));
  if (unresolved !== undefined) throw new Error(`A log group has no name of its own: ${unresolved}`);
  const bridge = `/aws/lambda/${names.resource('http-bridge')}`;
  const scopes: Readonly<Record<Scope, readonly string[]>> = {
    functions: groups.filter((name) => name.startsWith('/aws/lambda/')),
    subscriptions: groups.filter((name) => name.startsWith(bridge)),
    'access-log': groups.filter((name) => name.startsWith('/aws/apigateway/')),
  };
  return Object.entries<Query>(queries).flatMap(([name, { over, lines }]) =>
    evenly(scopes[over], maxGroups).map((logGroupNames, index) => ({
      name: `${names.resource('operations')}/${index === 0 ? name : `${name}-${index + 1}`}`,
      queryString: lines.join('\n| '),
      logGroupNames,
    })),
  );
}

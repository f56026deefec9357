import { setTimeout as delay } from 'node:timers/promises';
import { type CloudWatchLogsClient, GetQueryResultsCommand, paginateDescribeLogGroups, QueryStatus, StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { chunks } from '../../lambdas/runtime/chunks.ts';
import { lineIn, type Logs } from './lines.ts';

/** Log groups that Logs Insights looks through at once, at most. */
const maxGroups = 50;
/** It gives so many lines at most. */
const maxLines = 10_000;
const pollMilliseconds = 500;

/**
 * The logs of a deployment's functions, by Logs Insights. It bills by what it looks through: $0.005 a GB.
 *
 * @param prefix of the log groups: `/aws/lambda/loginward-dev-`
 * @param progress is told while a query runs
 */
export function insights(client: CloudWatchLogsClient, prefix: string, since: Date, now: Date, progress: () => void): Logs {
  const groups = groupsBelow(client, prefix);
  return {
    find: async (field, values) => {
      const all = await groups;
      if (all.length === 0) throw new Error(`There are no log groups ${prefix}*; name the deployment by --env.`);
      // A value is a UUID or a trace id: nothing in it could end the query's text.
      const query = `fields @message | filter ${field} in [${values.map((value) => JSON.stringify(value)).join(', ')}] | sort @timestamp asc | limit ${maxLines}`;
      const found = await Promise.all(chunks(all, maxGroups).map((some) => run(client, query, some, since, now, progress)));
      return found.flat().flatMap((text) => lineIn(text) ?? []);
    },
  };
}

async function groupsBelow(client: CloudWatchLogsClient, logGroupNamePrefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, { logGroupNamePrefix })) {
    names.push(...logGroups.flatMap(({ logGroupName }) => logGroupName ?? []));
  }
  return names;
}

/** Runs a query to its end. @returns the messages @throws when it fails */
async function run(client: CloudWatchLogsClient, queryString: string, logGroupNames: string[], since: Date, now: Date, progress: () => void): Promise<string[]> {
  const seconds = (time: Date): number => Math.floor(time.getTime() / 1000);
  const { queryId } = await client.send(new StartQueryCommand({ logGroupNames, queryString, startTime: seconds(since), endTime: seconds(now) + 1 }));
  while (true) {
    const { status, results = [] } = await client.send(new GetQueryResultsCommand({ queryId }));
    if (status === QueryStatus.Complete) return results.flatMap((row) => row.find(({ field }) => field === '@message')?.value ?? []);
    if (status !== QueryStatus.Running && status !== QueryStatus.Scheduled) throw new Error(`Logs Insights ended a query as ${status}.`);
    progress();
    await delay(pollMilliseconds);
  }
}

import { CloudWatchLogsClient, DescribeLogGroupsCommand, type GetQueryResultsCommand, StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import { insights } from '../../bin/trace/insights.ts';

const now = new Date('2026-11-21T09:00:00Z');
const since = new Date('2026-11-20T09:00:00Z');
const line = { message: 'Event', timestamp: '2026-11-21T08:00:00.000Z', service: 'notifier', eventType: 'loginward.action.requested.v1', loginId: 'l', outcome: 'swallowed' };

/** Logs Insights that answers at the second look. */
function standIn(groups: readonly string[], status = 'Complete') {
  const queries: StartQueryCommand['input'][] = [];
  const looks = new Map<string, number>();
  const answer = (command: unknown): object => {
    if (command instanceof DescribeLogGroupsCommand) return { logGroups: groups.filter((name) => name.startsWith(command.input.logGroupNamePrefix ?? '')).map((logGroupName) => ({ logGroupName })) };
    if (command instanceof StartQueryCommand) return { queryId: String(queries.push(command.input)) };
    const { queryId = '' } = (command as GetQueryResultsCommand).input;
    looks.set(queryId, (looks.get(queryId) ?? 0) + 1);
    if (looks.get(queryId) === 1) return { status: 'Running' };
    return { status, results: [[{ field: '@message', value: JSON.stringify(line) }, { field: '@ptr', value: 'x' }]] };
  };
  const client = Object.assign(new CloudWatchLogsClient({ region: 'us-east-1' }), { send: (command: unknown) => Promise.resolve(answer(command)) }) as CloudWatchLogsClient;
  return { client, queries };
}

describe('npm run trace on AWS', () => {
  it('looks through all functions of the deployment, fifty at a time, within the hours that are asked for', async () => {
    const groups = [...Array.from({ length: 60 }, (_, index) => `/aws/lambda/loginward-dev-http-bridge-${index}`), '/aws/lambda/loginward-prod-notifier-consumer'];
    const { client, queries } = standIn(groups);
    let told = 0;
    const logs = insights(client, '/aws/lambda/loginward-dev-', since, now, () => {
      told += 1;
    });
    expect(await logs.find('loginId', ['l'])).toEqual([line, line]);
    expect(queries.map(({ logGroupNames }) => logGroupNames?.length)).toEqual([50, 10]);
    expect(queries[0]).toMatchObject({ startTime: since.getTime() / 1000, endTime: now.getTime() / 1000 + 1, queryString: expect.stringContaining('filter loginId in ["l"]') });
    expect(told).toBe(2);
  });

  it('says which deployment there is none of, and how a query ended that failed', async () => {
    const find = (client: CloudWatchLogsClient, env: string) => insights(client, `/aws/lambda/loginward-${env}-`, since, now, () => undefined).find('traceId', ['t']);
    const groups = ['/aws/lambda/loginward-dev-notifier-consumer'];
    await expect(find(standIn(groups).client, 'prod')).rejects.toThrow('/aws/lambda/loginward-prod-*');
    await expect(find(standIn(groups, 'Failed').client, 'dev')).rejects.toThrow('Failed');
  });
});

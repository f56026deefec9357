import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import { namesOf } from '../lib/names.ts';
import { visible } from '../lib/visible.ts';
import { readOptions, refuse, withFallback } from './options.ts';
import { insights } from './trace/insights.ts';
import { linesOf } from './trace/lines.ts';
import { localLogs } from './trace/local-logs.ts';
import { told, wayOf } from './trace/way.ts';

const help = `Tells the way of one login through the chain, from the lines that each stage logs.

npm run trace -- LOGIN_ID [options]

  --hours 24      how far back it looks
  --env dev       name of the deployment
  --local [DIR]   the logs of the local run in DIR, its folder of --data, in place of AWS; .loginward
  --json          the lines as JSON
  --help          shows this

LOGIN_ID is the id that POST /v1/logins answers, and that the history shows.

It uses the AWS credentials and region of your environment, which must allow logs:DescribeLogGroups, and logs:StartQuery and logs:GetQueryResults on the
log groups /aws/lambda/loginward-<env>-*. Logs Insights takes $0.005 for a GB that it looks through.
`;

const isLoginId = (text: string): boolean => z.uuid().safeParse(text.toLowerCase()).success;
const { values, positionals } = readOptions(
  help,
  {
    env: { type: 'string', default: 'dev' },
    hours: { type: 'string', default: '24' },
    local: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
  true,
  withFallback(process.argv.slice(2), '--local', '.loginward', (text) => !isLoginId(text)),
);
const [given = '', ...more] = positionals;
if (!isLoginId(given) || more.length > 0) refuse(`${given === '' ? 'Which login?' : `${[given, ...more].join(' ')} is no id of a login.`} It is a UUID, such as 01a1fd04-3dd9-7656-8240-37297dbc23b8.\n\n${help}`);
const hours = Number(values.hours);
if (!(hours > 0)) refuse('--hours must be a number above 0.');

const loginId = given.toLowerCase();
const now = new Date();
const since = new Date(now.getTime() - hours * 3_600_000);
const nothing = `There is no line of ${loginId} in the last ${hours} hours. Either it is older (--hours N; logs are kept for logRetentionDays, 30), or it is no login of this deployment,
or it was an ordinary login from home that was not of the share that is logged: traceSampling, 1% unless set. Notable logins, and whatever failed, are always logged.`;

try {
  const progress = (): void => void process.stderr.write('.');
  const logs = values.local === undefined ? insights(new CloudWatchLogsClient({}), `/aws/lambda/${namesOf({ env: values.env }).resource('')}`, since, now, progress) : localLogs(values.local, since);
  const way = wayOf(await linesOf(loginId, logs), now);
  const isFound = way.stages.length + way.actions.length > 0;
  if (values.json) process.stdout.write(`${visible(JSON.stringify({ loginId, ...way }, undefined, 2), 'many lines')}\n`);
  else process.stdout.write(`${isFound ? [`login ${loginId}`, ...told(way)].map((line) => visible(line)).join('\n') : nothing}\n`);
  if (!isFound) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${visible((error as Error).message)}\n`);
  process.exitCode = 1;
}

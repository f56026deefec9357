import { Stack } from 'aws-cdk-lib';
import { TextWidget, TextWidgetBackground } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Settings } from '../settings.ts';

/** A page of CloudWatch in the region of a stack. */
const consolePage = (scope: Construct, page: string): string => `https://console.aws.amazon.com/cloudwatch/home?region=${Stack.of(scope).region}#${page}`;

export const dashboardLink = (scope: Construct, label: string, name: string): string => `[${label}](${consolePage(scope, `dashboards/dashboard/${name}`)})`;

/** The lines of a log group; its name stands twice escaped in the address. */
export const logsLink = (scope: Construct, label: string, group: string): string =>
  `[${label}](${consolePage(scope, `logsV2:log-groups/log-group/${group.replaceAll('/', '$252F')}`)})`;

/** Where the saved queries are. */
export const queriesLink = (scope: Construct): string => `[saved queries](${consolePage(scope, 'logsV2:logs-insights')})`;

/** The runbook, as a link when the deployment says where it can be read. */
export const runbookLink = ({ runbookUrl }: Settings): string => (runbookUrl === undefined ? 'runbook: `docs/runbook.md`' : `[runbook](${runbookUrl})`);

/** The head of a dashboard: what it shows, and where to go on. */
export const head = (title: string, sentence: string, links: readonly string[]): TextWidget =>
  new TextWidget({ markdown: `# ${title}\n${sentence}\n\n${links.join(' · ')}`, width: 24, height: 3, background: TextWidgetBackground.TRANSPARENT });

/** The heading of a part of a dashboard. */
export const heading = (text: string): TextWidget => new TextWidget({ markdown: `## ${text}`, width: 24, height: 1, background: TextWidgetBackground.TRANSPARENT });

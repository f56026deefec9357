import { type App, Stack, Validations } from 'aws-cdk-lib';
import { callers, routeResource } from './callers.ts';

interface Finding {
  /** The rule of cdk-nag, with the permission that it found. */
  readonly id: string;
  readonly reason: string;
}

/** What cdk-nag finds and is meant to be so, by the stack's last name; `*` stands for each service. */
const explained: Readonly<Record<'api' | 'service', readonly Finding[]>> = {
  api: Object.values(callers)
    .flat()
    .filter((routeKey) => routeKey.includes('{'))
    .map((routeKey) => ({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<Api>/$default/${routeResource(routeKey)}]`,
      reason: 'The account is part of the path, and support serves every account.',
    })),
  service: [
    {
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray knows no resources for its write actions; nothing else is allowed for every resource.',
    },
    {
      id: 'AwsSolutions::AwsSolutions-SQS3',
      reason: 'The queue for what SNS could not deliver is a dead-letter queue itself: that of the subscriptions.',
    },
  ],
};

/** Acknowledges what is explained above, stack by stack. */
export function explainFindings(app: App): void {
  for (const stack of app.node.children.filter((child) => child instanceof Stack)) {
    if (stack.stackName.endsWith('-bus')) continue;
    for (const finding of explained[stack.stackName.endsWith('-api') ? 'api' : 'service']) Validations.of(stack).acknowledge(finding);
  }
}

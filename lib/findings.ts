import { type App, Stack, Validations } from 'aws-cdk-lib';
import { backlogPrefix, expiredPrefix } from '../lambdas/contracts/names.ts';
import type { Subscription } from '../lambdas/contracts/subscriptions.ts';
import { callers, routeResource } from './callers.ts';
import { services } from './services.ts';

interface Finding {
  /** The rule of cdk-nag, with the permission that it found. */
  readonly id: string;
  readonly reason: string;
}

/** What cdk-nag finds and is meant to be so, by the stack's last name; `*` stands for each service. */
const explained: Readonly<Record<'api' | 'service' | 'bridge' | 'public', readonly Finding[]>> = {
  api: [
    {
      id: 'AwsSolutions::AwsSolutions-SMG4',
      reason: 'A rotation would make the links of the last 7 days useless; whoever has one can only lock the one account that it names.',
    },
    ...Object.values(callers)
      .flat()
      .filter((routeKey) => routeKey.includes('{'))
      .map((routeKey) => ({
        id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<Api>/$default/${routeResource(routeKey)}]`,
        reason: 'The account is part of the path, and support serves every account.',
      })),
  ],
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
  public: [
    {
      id: 'AwsSolutions::AwsSolutions-APIG4',
      reason: 'Who is locked out, or follows the link of a notice, cannot sign in. The table of services names the public routes; a test holds them to those.',
    },
  ],
  bridge: [
    {
      id: 'AwsSolutions::AwsSolutions-S1',
      reason: 'Only the functions of the subscriptions use the bucket, and they log what they do; access logs would double its cost.',
    },
  ],
};

/** Ends of the names of stacks with public routes. */
const publicStacks = services.filter(({ api }) => api?.routes.some(({ authorization }) => authorization === 'public')).map(({ name }) => `-${name}`);

/** What is found at the resources of each subscription: it owns what lies below its name. */
const explainedOf = ({ name, secret }: Subscription): Finding[] => [
  ...[backlogPrefix(name), expiredPrefix(name)].map((prefix) => ({
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::<Backlog.Arn>/${prefix}*]`,
    reason: 'The events that wait for a subscription are objects of their own, below its name.',
  })),
  ...(secret === undefined
    ? []
    : [
        {
          id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${secret}-??????]`,
          reason: 'Secrets Manager puts six characters of its own behind the name of a secret.',
        },
      ]),
];

/** Acknowledges what is explained above, stack by stack. */
export function explainFindings(app: App, subscriptions: readonly Subscription[]): void {
  for (const stack of app.node.children.filter((child) => child instanceof Stack)) {
    if (stack.stackName.endsWith('-bus')) continue;
    const findings = stack.stackName.endsWith('-http-bridge')
      ? [...explained.service, ...explained.bridge, ...subscriptions.flatMap(explainedOf)]
      : [...explained[stack.stackName.endsWith('-api') ? 'api' : 'service'], ...(publicStacks.some((name) => stack.stackName.endsWith(name)) ? explained.public : [])];
    for (const finding of findings) Validations.of(stack).acknowledge(finding);
  }
}

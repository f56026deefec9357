import { type App, Stack, Validations } from 'aws-cdk-lib';
import { backlogPrefix, expiredPrefix, givenUpFolder, parkedFolder, parkedPrefix } from '../lambdas/contracts/names.ts';
import type { Subscription } from '../lambdas/contracts/subscriptions.ts';
import { callers, routeResource } from './callers.ts';
import type { Names } from './names.ts';
import { services } from './services.ts';
import type { Settings } from './settings.ts';

interface Finding {
  /** The rule of cdk-nag, with the permission that it found. */
  readonly id: string;
  readonly reason: string;
}

/** What cdk-nag finds and is meant to be so, by the kind of stack. */
const explained: Readonly<Record<'site' | 'api' | 'service' | 'bridge' | 'public' | 'brokers' | 'kafka', readonly Finding[]>> = {
  site: [
    { id: 'AwsSolutions::AwsSolutions-CFR1', reason: 'Who is abroad needs the page most: to see who was in the account, and to unlock it.' },
    {
      id: 'AwsSolutions::AwsSolutions-CFR2',
      reason: 'The files are public and the same for all, and the HTTP API behind the other paths throttles and asks for a token by itself. A company that has a web ACL may attach it.',
    },
    ...['CFR3', 'S1'].map((rule) => ({ id: `AwsSolutions::AwsSolutions-${rule}`, reason: 'An access log would hold the address of every player; the files hold nothing of anybody.' })),
    {
      id: 'AwsSolutions::AwsSolutions-CFR4',
      reason: "CloudFront's own name has a certificate of CloudFront's own, with which AWS allows no other choice. With siteDomain it is TLS 1.2 and newer.",
    },
    { id: 'AwsSolutions::AwsSolutions-L1', reason: "The function that writes the files is CDK's own, and runs on what CDK tested it with." },
    {
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::<Files.Arn>/*]',
      reason: "CDK's own function writes the bucket that has nothing but the page's files.",
    },
  ],
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
      reason:
        'X-Ray knows no resources for its write actions; on Kafka nor does MSK for whom to dial, nor EC2 for the network interfaces that AWS Lambda makes, and the function itself may not. Nothing else is allowed for every resource.',
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
  brokers: [
    {
      id: 'AwsSolutions::AwsSolutions-VPC7',
      reason: 'Brokers, functions and the endpoints of AWS are alone in it and open to each other only; logs of their flows would tell their addresses, and cost more than the endpoints.',
    },
  ],
  kafka: [
    {
      id: 'AwsSolutions::AwsSolutions-S1',
      reason: 'Only the function of the service and AWS Lambda write to the bucket of what failed, and the function logs what it does; access logs would double its cost.',
    },
    ...[parkedFolder, givenUpFolder].map((folder) => ({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::<OnFailure.Arn>/${folder}*]`,
      reason: 'Each record that failed is an object of its own, below the folder of who puts it there.',
    })),
  ],
  bridge: [
    {
      id: 'AwsSolutions::AwsSolutions-S1',
      reason: 'Only the functions of the subscriptions use the bucket, and they log what they do; access logs would double its cost.',
    },
  ],
};

/** Services with public routes. */
const publicServices = services.filter(({ api }) => api?.routes.some(({ authorization }) => authorization === 'public')).map(({ name }) => name);

/** What is found at the resources of each subscription: it owns what lies below its name. */
const explainedOf = ({ name, secret }: Subscription): Finding[] => [
  ...[backlogPrefix(name), expiredPrefix(name), parkedPrefix(name)].map((prefix) => ({
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::<Backlog.Arn>/${prefix}*]`,
    reason: 'The events that wait for a subscription, or that its endpoint refused, are objects of their own, below its name.',
  })),
  ...(secret === undefined ? [] : [secretFinding(secret)]),
];

const secretFinding = (secret: string): Finding => ({
  id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${secret}-??????]`,
  reason: 'Secrets Manager puts six characters of its own behind the name of a secret.',
});

/** What is found in a stack, by its name. */
function findingsOf(stackName: string, names: Names, { bus, kafkaSecret }: Settings, subscriptions: readonly Subscription[]): readonly Finding[] {
  const is = (name: string) => stackName === names.resource(name);
  const brokers = kafkaSecret === undefined ? [] : [secretFinding(kafkaSecret)];
  if (is('bus')) return bus === 'kafka' ? [...explained.service, ...explained.brokers] : [];
  if (is('api')) return explained.api;
  if (is('site')) return explained.site;
  if (is('http-bridge')) return [...explained.service, ...explained.bridge, ...subscriptions.flatMap(explainedOf), ...brokers];
  return [...explained.service, ...(bus === 'kafka' ? explained.kafka : []), ...brokers, ...(publicServices.some(is) ? explained.public : [])];
}

/** Acknowledges what is explained above, stack by stack. */
export function explainFindings(app: App, names: Names, settings: Settings, subscriptions: readonly Subscription[]): void {
  for (const stack of app.node.children.filter((child) => child instanceof Stack)) {
    for (const finding of findingsOf(stack.stackName, names, settings, subscriptions)) Validations.of(stack).acknowledge(finding);
  }
}

import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Table as DynamoTable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { allow } from '../constructs/service-function.ts';
import type { ServiceQueue } from '../constructs/service-queue.ts';
import type { Names } from '../names.ts';
import type { Need, TableAccess } from '../services.ts';
import type { Settings } from '../settings.ts';

/** What a consumer does with its own queues: take records, let failed ones come back sooner, and park bad ones. */
export const consumeFrom = ({ queue, deadLetterQueue }: ServiceQueue): PolicyStatement[] => [
  allow(
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
    [queue.queueArn],
  ),
  allow(['sqs:SendMessage'], [deadLetterQueue.queueArn]),
];

/** Publishing events of some types, on topics that the bus's key encrypts. */
export function publishTo(scope: Construct, names: Names, types: readonly string[]): PolicyStatement[] {
  if (types.length === 0) return [];
  const parameter = (name: string) => StringParameter.valueForStringParameter(scope, name);
  return [
    allow(['sns:Publish'], types.map((type) => parameter(names.parameters.topic(type)))),
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [parameter(names.parameters.busKey)]),
  ];
}

/** Exactly the listed actions on exactly the listed tables. */
export const accessTo = (access: TableAccess, tables: ReadonlyMap<string, DynamoTable>): PolicyStatement[] =>
  Object.entries(access).map(([name, actions]) => {
    const table = tables.get(name);
    if (!table) throw new Error(`${name} is not a table of this service.`);
    return allow(actions.map((action) => `dynamodb:${action}`), [table.tableArn]);
  });

/** Reading a secret. Secrets Manager puts six characters of its own behind the name. */
export const readSecret = (scope: Stack, name: string): PolicyStatement =>
  allow(
    ['secretsmanager:GetSecretValue'],
    [scope.formatArn({ service: 'secretsmanager', resource: 'secret', resourceName: `${name}-??????`, arnFormat: ArnFormat.COLON_RESOURCE_NAME })],
  );

/** Sending messages to players. */
export function sendingBy(scope: Stack, needs: readonly Need[], settings: Settings): PolicyStatement[] {
  const statements: PolicyStatement[] = [];
  if (needs.includes('email')) {
    const domain = settings.senderAddress.slice(settings.senderAddress.indexOf('@') + 1);
    const identity = (resourceName: string) => Stack.of(scope).formatArn({ service: 'ses', resource: 'identity', resourceName });
    const email = allow(['ses:SendEmail'], [identity(settings.senderAddress), identity(domain)]);
    email.addCondition('StringEquals', { 'ses:FromAddress': settings.senderAddress });
    statements.push(email);
  }
  if (needs.includes('sms')) {
    // An SMS has no ARN: what is not a topic is a telephone number.
    statements.push(new PolicyStatement({ actions: ['sns:Publish'], notResources: ['arn:aws:sns:*:*:*'] }));
  }
  return statements;
}

import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Table as DynamoTable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { allow } from '../constructs/service-function.ts';
import type { Need, TableAccess } from '../services.ts';
import type { Settings } from '../settings.ts';

/** Exactly the listed actions on exactly the listed tables. */
export const accessTo = (access: TableAccess, tables: ReadonlyMap<string, DynamoTable>): PolicyStatement[] =>
  Object.entries(access).map(([name, actions]) => {
    const table = tables.get(name);
    if (!table) throw new Error(`${name} is not a table of this service.`);
    return allow(actions.map((action) => `dynamodb:${action}`), [table.tableArn]);
  });

/** The ARN by which a secret is asked for: Secrets Manager finds it without the six characters of its own that it puts behind the name. */
export const secretArn = (scope: Stack, name: string): string =>
  scope.formatArn({ service: 'secretsmanager', resource: 'secret', resourceName: name, arnFormat: ArnFormat.COLON_RESOURCE_NAME });

/** Reading a secret, whatever those six characters are. */
export const readSecret = (scope: Stack, name: string): PolicyStatement => allow(['secretsmanager:GetSecretValue'], [secretArn(scope, `${name}-??????`)]);

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
    // An SMS has no ARN: what is not a topic, of the partition that this is deployed to, is a telephone number.
    const topics = Stack.of(scope).formatArn({ service: 'sns', region: '*', account: '*', resource: '*' });
    statements.push(new PolicyStatement({ actions: ['sns:Publish'], notResources: [topics] }));
  }
  return statements;
}

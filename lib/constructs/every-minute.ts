import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnEventInvokeConfig, CfnPermission, type Function } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

interface EveryMinuteProps {
  readonly function: Function;
  readonly description: string;
  /** What the function gets; EventBridge's own event, with the `time`, when left out. */
  readonly input?: object;
}

/**
 * Has a function called every minute. A call that failed is not repeated: the next one comes. Lambda's own defaults are two retries, and six hours.
 *
 * @param scope where its resources lie, under the name `Tick`
 */
export function everyMinute(scope: Construct, { function: target, description, input }: EveryMinuteProps): void {
  new CfnEventInvokeConfig(scope, 'TickRetries', {
    functionName: target.functionName,
    qualifier: '$LATEST',
    maximumRetryAttempts: 0,
    maximumEventAgeInSeconds: 60,
  });
  const rule = new CfnRule(scope, 'Tick', {
    description,
    scheduleExpression: 'rate(1 minute)',
    targets: [
      {
        id: 'function',
        arn: target.functionArn,
        ...(input && { input: JSON.stringify(input) }),
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    ],
  });
  new CfnPermission(scope, 'TickPermission', {
    action: 'lambda:InvokeFunction',
    principal: 'events.amazonaws.com',
    functionName: target.functionArn,
    sourceArn: rule.attrArn,
  });
}

import { Duration, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { MetricBy } from '../../lambdas/contracts/metrics.ts';
import { variables } from '../../lambdas/contracts/names.ts';
import type { DeployedSubscription } from '../../lambdas/http-bridge/deployed-subscription.ts';
import { eventTypesFile } from '../bundles.ts';
import { metricOf } from '../metric.ts';
import { readSecret } from '../stacks/permissions.ts';
import { publishing } from '../stacks/publishing.ts';
import { BridgeQueue } from './bridge-queue.ts';
import { alarmAge, type BridgeAlarm, type BridgeSource, type BridgeSubscriptionProps, timeoutOf } from './bridge-source.ts';
import { BridgeTopics } from './bridge-topics.ts';
import { ServiceAlarm } from './service-alarm.ts';
import { allow, ServiceFunction } from './service-function.ts';

/** A breaker is its subscription's own: none opens or closes that of a neighbour. */
function ownItem(breakers: Table, subscription: string): PolicyStatement {
  const statement = allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [breakers.tableArn]);
  statement.addCondition('ForAllValues:StringEquals', { 'dynamodb:LeadingKeys': [subscription] });
  return statement;
}

/**
 * One subscription: where its events come from, its function and its alarms, under names of its own, so that one subscription's change is
 * no other's. Slow endpoints share nothing with their neighbours.
 */
export class BridgeSubscription extends Construct {
  constructor(scope: Construct, id: string, props: BridgeSubscriptionProps) {
    super(scope, id);
    const { service, subscription, names, bridge, settings, codePath, breakers } = props;
    const { name, emits = [], secret } = subscription;
    const owner = `${service}-${name}`;
    const source: BridgeSource = settings.bus === 'kafka' ? new BridgeTopics(this, props) : new BridgeQueue(this, props);
    const publisher = publishing(this, names, settings, emits);
    const deployed: DeployedSubscription = { ...subscription, emits, share: source.share, networks: settings.endpointNetworks };
    const target = new ServiceFunction(this, 'bridge', {
      name: names.resource(owner),
      names,
      service,
      description: `${service} takes events to ${name}, which ${subscription.owner} owns`,
      codePath,
      memoryMiB: bridge.memoryMiB,
      timeoutSeconds: timeoutOf(subscription),
      settings,
      sendsToItself: source.sendsToItself,
      ...(source.reservedConcurrency !== undefined && { reservedConcurrency: source.reservedConcurrency }),
      environment: {
        [variables.bus]: settings.bus,
        [variables.subscription]: JSON.stringify(deployed),
        ...source.environment,
        [variables.table(breakers.name)]: breakers.table.tableName,
        [variables.eventTypes]: eventTypesFile,
        ...publisher.environment,
      },
      network: publisher.network,
      statements: [
        ...source.statements,
        ownItem(breakers.table, name),
        ...publisher.statements,
        ...(secret === undefined ? [] : [readSecret(Stack.of(this), secret)]),
      ],
    }).function;
    source.feed(target);
    new StringParameter(this, 'Deployed', {
      parameterName: names.parameters.subscription(name),
      description: 'What is deployed, for npm run subscriptions:plan',
      stringValue: JSON.stringify(subscription),
    });
    for (const alarm of [...this.#alarms(props, target), ...source.alarms]) new ServiceAlarm(this, { names, settings, service, subscription: name, ...alarm });
  }

  #alarms({ service, subscription, bridge, names }: BridgeSubscriptionProps, target: Function): BridgeAlarm[] {
    const metric = (metric: MetricBy<'subscription'>, statistic: string) => metricOf(names, service, metric, { statistic, by: subscription.name });
    return [
      { kind: 'bridge-errors', metric: target.metricErrors({ period: Duration.minutes(1), statistic: 'Sum' }), errorImpact: bridge.errorImpact },
      { kind: 'misconfigured', metric: metric('Misconfigured', 'Sum') },
      { kind: 'broken', metric: metric('Broken', 'Sum') },
      { kind: 'held', metric: metric('HeldSeconds', 'Maximum'), threshold: alarmAge(subscription) },
    ];
  }
}

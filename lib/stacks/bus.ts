import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { type EventTypeFile } from '../../lambdas/contracts/event-types.ts';
import { eventNames, eventType, topicOf } from '../../lambdas/contracts/names.ts';
import type { Names } from '../names.ts';

/** The bus's shared parts: a topic for each event type, ours and the company's own, the key that encrypts them, and the topic that alarms go to. */
export class BusStack extends Stack {
  constructor(scope: Construct, id: string, { names, eventTypes }: { names: Names; eventTypes: readonly EventTypeFile[] }) {
    super(scope, id, { description: 'Loginward: the topics of the bus' });
    const key = new Key(this, 'Key', {
      description: 'Encrypts the topics of Loginward',
      // SNS keeps nothing for long; a key that is gone leaves nothing unreadable.
      removalPolicy: RemovalPolicy.DESTROY,
      enableKeyRotation: true,
    });
    // An alarm is published by CloudWatch, which needs the key of an encrypted topic.
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const parameter = (parameterName: string, stringValue: string) =>
      new StringParameter(this, `Parameter-${parameterName}`, { parameterName, stringValue });

    for (const type of [...eventNames.map((name) => eventType(name)), ...eventTypes.map((each) => each.type)]) {
      const topic = new Topic(this, `Topic-${topicOf(type)}`, {
        topicName: names.topic(type),
        masterKey: key,
        enforceSSL: true,
      });
      parameter(names.parameters.topic(type), topic.topicArn);
    }
    for (const each of eventTypes) parameter(names.parameters.eventType(each.type), JSON.stringify(each));
    const alarms = new Topic(this, 'Alarms', { topicName: names.resource('bus', 'alarms'), masterKey: key, enforceSSL: true });
    alarms.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [alarms.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    parameter(names.parameters.alarmTopic, alarms.topicArn);
    parameter(names.parameters.busKey, key.keyArn);
  }
}

import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { eventNames, topicName } from '../../lambdas/contracts/names.ts';
import type { Names } from '../names.ts';

/** The bus's shared parts: a topic for each event type, the key that encrypts them, and the topic that alarms go to. */
export class BusStack extends Stack {
  constructor(scope: Construct, id: string, { names }: { names: Names }) {
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

    for (const name of eventNames) {
      const topic = new Topic(this, `Topic-${name}`, {
        topicName: names.resource('bus', topicName(name)),
        masterKey: key,
        enforceSSL: true,
      });
      parameter(names.parameters.topic(name), topic.topicArn);
    }
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

import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic, TracingConfig } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { CfnResourcePolicy } from 'aws-cdk-lib/aws-xray';
import type { Construct } from 'constructs';
import { topicOf } from '../../lambdas/contracts/names.ts';
import type { Subscription } from '../../lambdas/contracts/subscriptions.ts';
import type { Catalog } from '../catalog.ts';
import { BusCluster } from '../constructs/bus-cluster.ts';
import { BusNetwork } from '../constructs/bus-network.ts';
import { ClusterBrokers } from '../constructs/cluster-brokers.ts';
import { typesOf } from '../kafka.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';

interface BusStackProps {
  readonly names: Names;
  readonly settings: Settings;
  readonly catalog: Catalog;
  /** Folder of all bundles. */
  readonly bundles: string;
}

/**
 * The bus's shared parts: the topic that alarms go to and the key that encrypts it; on SNS a topic for each event type, ours and the company's own; on
 * Kafka the cluster, unless there is one. The topics of Kafka belong to the stacks of the services that emit them.
 */
export class BusStack extends Stack {
  constructor(scope: Construct, id: string, { names, settings, catalog, bundles }: BusStackProps) {
    super(scope, id, { description: `Loginward: the ${settings.bus === 'kafka' ? 'brokers' : 'topics'} of the bus` });
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

    if (settings.bus === 'sns') {
      for (const type of typesOf(catalog)) {
        const topic = new Topic(this, `Topic-${topicOf(type)}`, {
          topicName: names.topic(type),
          masterKey: key,
          enforceSSL: true,
          // Passed through only, a trace would not tell how long SNS took.
          tracingConfig: TracingConfig.ACTIVE,
        });
        parameter(names.parameters.topic(type), topic.topicArn);
      }
      parameter(names.parameters.busKey, key.keyArn);
      this.#letTopicsTrace(names);
    }
    for (const each of catalog.eventTypes) parameter(names.parameters.eventType(each.type), JSON.stringify(each));
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
    if (settings.bus === 'kafka') {
      const { cluster, subnets, securityGroup } = this.#brokers(names, settings, catalog.subscriptions, alarms.topicArn);
      if (cluster !== undefined) {
        parameter(names.parameters.cluster, cluster);
        parameter(names.parameters.brokers, new ClusterBrokers(this, 'Brokers', { names, settings, bundles, cluster }).list);
      }
      parameter(names.parameters.subnets, subnets.join(','));
      parameter(names.parameters.securityGroup, securityGroup);
    }
  }

  /** Lets SNS write what its topics did into the traces of who published. What is sampled, that function has decided; SNS adds none of its own. */
  #letTopicsTrace(names: Names): void {
    const topics = this.formatArn({ service: 'sns', resource: names.resource('bus', '*') });
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: ['xray:PutTraceSegments', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
      // X-Ray knows no resources.
      Resource: ['*'],
      Condition: { StringEquals: { 'aws:SourceAccount': this.account }, StringLike: { 'aws:SourceArn': topics } },
    };
    new CfnResourcePolicy(this, 'Traces', { policyName: names.resource('bus'), policyDocument: this.toJsonString({ Version: '2012-10-17', Statement: [statement] }) });
  }

  /** The brokers that there are, or a cluster of the deployment's own. */
  #brokers(names: Names, settings: Settings, subscriptions: readonly Subscription[], alarmTopicArn: string): Brokers {
    const { kafkaCluster, kafkaSubnets, kafkaSecurityGroup } = settings;
    if (kafkaSubnets && kafkaSecurityGroup !== undefined) return { cluster: kafkaCluster, subnets: kafkaSubnets, securityGroup: kafkaSecurityGroup };
    // Only then does a function in the VPC call what is not of AWS.
    const network = new BusNetwork(this, 'Network', { settings, reachesOut: subscriptions.some(({ emits = [] }) => emits.length > 0) });
    const { arn } = new BusCluster(this, 'Cluster', { names, settings, network, alarmTopicArn });
    return { cluster: arn, subnets: network.subnets, securityGroup: network.securityGroup };
  }
}

interface Brokers {
  /** Of MSK. */
  readonly cluster: string | undefined;
  readonly subnets: readonly string[];
  readonly securityGroup: string;
}

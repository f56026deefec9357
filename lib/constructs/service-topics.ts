import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnTopic } from 'aws-cdk-lib/aws-msk';
import { Construct } from 'constructs';
import { topicOf } from '../../lambdas/contracts/names.ts';
import { clusterArns, replicationOf, topicConfig } from '../kafka.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';

interface ServiceTopicsProps {
  readonly names: Names;
  readonly settings: Settings;
  /** Event types. */
  readonly types: readonly string[];
}

/** On MSK: the topics of a service's events, in its own stack. */
export class ServiceTopics extends Construct {
  constructor(scope: Construct, id: string, { names, settings, types }: ServiceTopicsProps) {
    super(scope, id);
    for (const type of types) {
      const topic = new CfnTopic(this, topicOf(type), {
        clusterArn: clusterArns(this, names).cluster,
        topicName: names.topic(type),
        partitionCount: settings.kafkaPartitions,
        replicationFactor: replicationOf(settings),
        // MSK's topic API takes JSON in base64.
        configs: Buffer.from(JSON.stringify(topicConfig)).toString('base64'),
      });
      // A topic that goes takes along what waits in it.
      topic.applyRemovalPolicy(settings.env === 'prod' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    }
  }
}

import { join } from 'node:path';
import { CustomResource, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { busResources } from '../bundles.ts';
import { getBootstrapBrokers } from '../kafka.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import { ServiceFunction } from './service-function.ts';

interface ClusterBrokersProps {
  readonly names: Names;
  readonly settings: Settings;
  /** Folder of all bundles. */
  readonly bundles: string;
  /** ARN of the MSK cluster. */
  readonly cluster: string;
}

const timeoutSeconds = 60;

/** The brokers of an MSK cluster, as it says when this is deployed: they stay good while brokers come and go. */
export class ClusterBrokers extends Construct {
  /** `host:port`, separated by commas. */
  readonly list: string;

  constructor(scope: Construct, id: string, { names, settings, bundles, cluster }: ClusterBrokersProps) {
    super(scope, id);
    const target = new ServiceFunction(this, 'Ask', {
      name: names.resource('bus', 'brokers'),
      names,
      service: 'bus',
      description: 'Asks MSK for its brokers, for CloudFormation',
      codePath: join(bundles, busResources),
      memoryMiB: 256,
      timeoutSeconds,
      settings,
      environment: {},
      statements: [getBootstrapBrokers()],
    }).function;
    const resource = new CustomResource(this, 'List', {
      resourceType: 'Custom::KafkaBrokers',
      serviceToken: target.functionArn,
      // Left out, a deployment waits an hour for a function that does not answer.
      serviceTimeout: Duration.seconds(timeoutSeconds + 60),
      // Asked again when there are more or fewer.
      properties: { ClusterArn: cluster, BrokerCount: settings.kafkaBrokerCount },
    });
    resource.node.addDependency(target.role ?? target);
    this.list = resource.getAttString('Brokers');
  }
}

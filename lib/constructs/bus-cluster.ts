import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnCluster, CfnConfiguration } from 'aws-cdk-lib/aws-msk';
import { Construct } from 'constructs';
import { serverProperties } from '../kafka.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import type { BusNetwork } from './bus-network.ts';
import { ServiceAlarm } from './service-alarm.ts';

interface BusClusterProps {
  readonly names: Names;
  readonly settings: Settings;
  readonly network: BusNetwork;
  readonly alarmTopicArn: string;
}

/** MSK has the topic API from 3.6 on; this is the one that it recommends. */
const kafkaVersion = '3.8.x';

/** The deployment's own brokers: MSK Provisioned, standard brokers, reached by TLS and IAM and by nothing else. */
export class BusCluster extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { names, settings, network, alarmTopicArn }: BusClusterProps) {
    super(scope, id);
    const isProduction = settings.env === 'prod';
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/msk/${names.resource('bus')}`,
      retention: settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const configuration = new CfnConfiguration(this, 'Configuration', { name: names.resource('bus'), serverProperties: serverProperties(settings) });
    const cluster = new CfnCluster(this, 'Cluster', {
      clusterName: names.resource('bus'),
      kafkaVersion,
      numberOfBrokerNodes: settings.kafkaBrokerCount,
      brokerNodeGroupInfo: {
        // Three of the default type are about $447 a month, and their storage about $30.
        instanceType: settings.kafkaBrokerType,
        clientSubnets: network.subnets,
        securityGroups: [network.securityGroup],
        storageInfo: { ebsStorageInfo: { volumeSize: settings.kafkaStorageGiB } },
        connectivityInfo: { publicAccess: { type: 'DISABLED' } },
      },
      configurationInfo: { arn: configuration.attrArn, revision: configuration.attrLatestRevisionRevision },
      clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
      // At rest by the key that AWS manages, which costs nothing; a key of one's own would be billed for its use.
      encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS', inCluster: true } },
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: logs.logGroupName } } },
      // The level that costs nothing; how far behind a service is, its mappings tell.
      enhancedMonitoring: 'DEFAULT',
      storageMode: 'LOCAL',
    });
    // What waits in the topics is nobody's to lose.
    for (const resource of [configuration, cluster]) resource.applyRemovalPolicy(isProduction ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    this.arn = cluster.attrArn;
    for (let broker = 1; broker <= settings.kafkaBrokerCount; broker++) {
      new ServiceAlarm(this, {
        names,
        settings,
        service: 'bus',
        kind: 'disk',
        of: String(broker),
        metric: new Metric({
          namespace: 'AWS/Kafka',
          metricName: 'KafkaDataLogsDiskUsed',
          statistic: 'Maximum',
          period: Duration.minutes(5),
          dimensionsMap: { 'Cluster Name': names.resource('bus'), 'Broker ID': String(broker) },
        }),
        alarmTopicArn,
      });
    }
  }
}

import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { topicVariableOf, variables } from '../../lambdas/contracts/names.ts';
import { allow, type Network } from '../constructs/service-function.ts';
import { brokersNetwork, clusterArns } from '../kafka.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import { readSecret } from './permissions.ts';

/** What a function needs to publish. */
export interface Publishing {
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
  /** On Kafka brokers are reached from within their VPC alone. */
  readonly network?: Network;
}

/** What a function needs to publish events of some types on the deployment's bus; of none, it needs nothing. */
export function publishing(scope: Construct, names: Names, settings: Settings, types: readonly string[]): Publishing {
  if (types.length === 0) return { environment: {}, statements: [] };
  return settings.bus === 'kafka' ? onKafka(scope, names, settings, types) : onSns(scope, names, types);
}

function onSns(scope: Construct, names: Names, types: readonly string[]): Publishing {
  // The bus's key encrypts the topics: SNS uses it in the name of who publishes, and whoever publishes has no other use for it.
  const key = allow(['kms:GenerateDataKey', 'kms:Decrypt'], [StringParameter.valueForStringParameter(scope, names.parameters.busKey)]);
  key.addCondition('StringEquals', { 'kms:ViaService': `sns.${Stack.of(scope).region}.amazonaws.com` });
  const parameter = (name: string) => StringParameter.valueForStringParameter(scope, name);
  const topics = types.map((type) => [topicVariableOf(type), parameter(names.parameters.topic(type))] as const);
  return {
    environment: Object.fromEntries(topics),
    statements: [allow(['sns:Publish'], topics.map(([, arn]) => arn)), key],
  };
}

function onKafka(scope: Construct, names: Names, settings: Settings, types: readonly string[]): Publishing {
  const topics = Object.fromEntries(types.map((type) => [topicVariableOf(type), names.topic(type)]));
  const network = brokersNetwork(scope, names);
  const { kafkaBrokers, kafkaSecret } = settings;
  if (kafkaBrokers) {
    return {
      environment: { ...topics, [variables.kafkaBrokers]: kafkaBrokers.join(','), ...(kafkaSecret !== undefined && { [variables.kafkaSecret]: kafkaSecret }) },
      statements: kafkaSecret === undefined ? [] : [readSecret(Stack.of(scope), kafkaSecret)],
      network,
    };
  }
  const { cluster, topic } = clusterArns(scope, names);
  return {
    environment: { ...topics, [variables.kafkaCluster]: cluster, [variables.kafkaBrokers]: StringParameter.valueForStringParameter(scope, names.parameters.brokers) },
    statements: [
      allow(['kafka-cluster:Connect', 'kafka-cluster:WriteDataIdempotently'], [cluster]),
      allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'], types.map((type) => topic(names.topic(type)))),
    ],
    network,
  };
}

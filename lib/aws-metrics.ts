import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';

/** How a metric of AWS is asked for, and drawn. */
export interface Drawn {
  readonly statistic: string;
  readonly label?: string;
  readonly color?: string;
}

/** A metric of AWS by the name of its resource, so that another stack can show it without a reference. */
const awsMetric =
  (namespace: string, dimension: string) =>
  (resource: string, metricName: string, { statistic, label, color }: Drawn, more: Readonly<Record<string, string>> = {}): Metric =>
    new Metric({
      namespace,
      metricName,
      statistic,
      period: Duration.minutes(1),
      dimensionsMap: { [dimension]: resource, ...more },
      ...(label !== undefined && { label }),
      ...(color !== undefined && { color }),
    });

export const queueMetric = awsMetric('AWS/SQS', 'QueueName');
export const functionMetric = awsMetric('AWS/Lambda', 'FunctionName');
export const tableMetric = awsMetric('AWS/DynamoDB', 'TableName');
/** By the id of the HTTP API. */
export const apiMetric = awsMetric('AWS/ApiGateway', 'ApiId');
/** By the name of the MSK cluster; brokers are told apart by `Broker ID`. */
export const clusterMetric = awsMetric('AWS/Kafka', 'Cluster Name');

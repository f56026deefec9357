import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSEvent } from 'aws-lambda';
import type { Login } from './login.ts';

const logger = new Logger({ serviceName: 'password-campaign' });
const metrics = new Metrics({ namespace: 'Baseline', serviceName: 'password-campaign' });
const sns = new SNSClient({});
const tables = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: process.env['IDEMPOTENCY_TABLE'] ?? '' });
const config = new IdempotencyConfig({ eventKeyJmesPath: 'id' });

/** Asks the player of a login for a new password, while a campaign runs. */
const askOldPassword = makeIdempotent(
  async (login: Login): Promise<void> => {
    const { Item: campaign } = await tables.send(new GetCommand({ TableName: process.env['CAMPAIGN_TABLE'], Key: { id: 'running' } }));
    const isAsked = campaign !== undefined && login.outcome === 'success';
    if (isAsked) await sns.send(new PublishCommand({ TopicArn: process.env['TOPIC_ARN'], Message: JSON.stringify({ ...login, campaign: campaign['name'] as string }) }));
    logger.info('Campaign looked up', { loginId: login.id, isAsked });
  },
  { persistenceStore, config },
);

export const handler = async ({ Records }: SQSEvent, context: Context): Promise<void> => {
  logger.addContext(context);
  config.registerLambdaContext(context);
  for (const { body } of Records) {
    await askOldPassword(JSON.parse(body) as Login);
    metrics.addMetric('LoginsLookedAt', MetricUnit.Count, 1);
  }
  metrics.publishStoredMetrics();
};

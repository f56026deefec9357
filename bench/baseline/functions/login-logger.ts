import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSEvent } from 'aws-lambda';
import type { LocatedLogin } from './login.ts';

const logger = new Logger({ serviceName: 'login-logger' });
const metrics = new Metrics({ namespace: 'Baseline', serviceName: 'login-logger' });
const sns = new SNSClient({});
const tables = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: process.env['IDEMPOTENCY_TABLE'] ?? '' });
const config = new IdempotencyConfig({ eventKeyJmesPath: 'id' });

const retentionSeconds = 90 * 86_400;

/** Records a login in the history of its account, and passes it on when it is from abroad. */
const recordLogin = makeIdempotent(
  async (login: LocatedLogin): Promise<void> => {
    const expiresAt = Math.floor(Date.parse(login.occurredAt) / 1000) + retentionSeconds;
    await tables.send(new PutCommand({ TableName: process.env['HISTORY_TABLE'], Item: { ...login, entry: `${login.occurredAt}#${login.id}`, expiresAt } }));
    const { Item } = await tables.send(new GetCommand({ TableName: process.env['SETTINGS_TABLE'], Key: { accountId: login.accountId } }));
    const homeCountries = (Item?.['homeCountries'] as string[] | undefined) ?? ['KR'];
    const isNotable = login.outcome === 'success' && !homeCountries.includes(login.country ?? '');
    if (isNotable) await sns.send(new PublishCommand({ TopicArn: process.env['TOPIC_ARN'], Message: JSON.stringify(login) }));
    logger.info('Login recorded', { loginId: login.id, isNotable });
  },
  { persistenceStore, config },
);

export const handler = async ({ Records }: SQSEvent, context: Context): Promise<void> => {
  logger.addContext(context);
  config.registerLambdaContext(context);
  for (const { body } of Records) {
    await recordLogin(JSON.parse(body) as LocatedLogin);
    metrics.addMetric('LoginsRecorded', MetricUnit.Count, 1);
  }
  metrics.publishStoredMetrics();
};

import { join } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Context, SQSEvent } from 'aws-lambda';
import { type Response, open } from 'maxmind';
import type { LocatedLogin, Login } from './login.ts';

const logger = new Logger({ serviceName: 'ip-checker' });
const metrics = new Metrics({ namespace: 'Baseline', serviceName: 'ip-checker' });
const sns = new SNSClient({});
const geoDatabase = open<Response & { readonly country_code?: string }>(join(__dirname, process.env['GEO_DATABASE'] ?? ''));

/** Finds the country of a login's address. Publishing again what comes again changes nothing: the login keeps its id. */
export const handler = async ({ Records }: SQSEvent, context: Context): Promise<void> => {
  logger.addContext(context);
  const reader = await geoDatabase;
  for (const { body } of Records) {
    const login = JSON.parse(body) as Login;
    const located: LocatedLogin = { ...login, country: reader.get(login.ip)?.country_code ?? null };
    await sns.send(new PublishCommand({ TopicArn: process.env['TOPIC_ARN'], Message: JSON.stringify(located) }));
    logger.info('Login located', { loginId: login.id, country: located.country });
    metrics.addMetric('LoginsLocated', MetricUnit.Count, 1);
  }
  metrics.publishStoredMetrics();
};

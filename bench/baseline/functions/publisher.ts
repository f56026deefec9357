import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { z } from 'zod';
import type { Login } from './login.ts';

const logger = new Logger({ serviceName: 'publisher' });
const metrics = new Metrics({ namespace: 'Baseline', serviceName: 'publisher' });
const sns = new SNSClient({});

const bodySchema = z.object({
  accountId: z.string().min(1).max(128),
  ip: z.union([z.ipv4(), z.ipv6()]),
  id: z.string().max(128).optional(),
  occurredAt: z.iso.datetime({ offset: true }).optional(),
  outcome: z.enum(['success', 'failure', 'denied']).default('success'),
});

/** `POST /v1/logins`: takes one login. */
export const handler = async (event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2> => {
  logger.addContext(context);
  const body = bodySchema.safeParse(JSON.parse(event.body ?? '{}'));
  if (!body.success) return { statusCode: 400, body: JSON.stringify({ errors: body.error.issues }) };
  const login: Login = { ...body.data, id: body.data.id ?? randomUUID(), occurredAt: body.data.occurredAt ?? new Date().toISOString() };
  await sns.send(new PublishCommand({ TopicArn: process.env['TOPIC_ARN'], Message: JSON.stringify(login) }));
  logger.info('Login accepted', { loginId: login.id });
  metrics.addMetric('LoginsAccepted', MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
  return { statusCode: 202, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id: login.id }) };
};

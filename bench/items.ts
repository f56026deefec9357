import type { Item } from '../bin/cost/prices.ts';
import type { Billed } from '../local/aws/meter.ts';

/** What the model of the cost calls that which the local AWS counts. */
export const itemOf: Readonly<Record<Billed, Item>> = {
  'API requests': 'apiRequest',
  invocations: 'lambdaRequest',
  'SNS requests': 'snsRequest',
  'SQS requests': 'sqsRequest',
  'DynamoDB write units': 'writeUnit',
  'DynamoDB read units': 'readUnit',
};

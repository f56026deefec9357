import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { region } from '../local/cloudformation.ts';
import { localCredentials, operatorsPath } from '../local/credentials.ts';

/** The table of the login histories of a local run. */
export const historyTable = 'loginward-local-login-history';

/** The tables of a local run, as its operators reach them. */
export const tablesOf = (url: string): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: `${url}${operatorsPath}`, region, credentials: localCredentials }), { marshallOptions: { removeUndefinedValues: true } });

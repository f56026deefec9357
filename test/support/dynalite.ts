import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { services } from '../../lib/services.ts';

/** The tables of every service, in memory, on a DynamoDB of their own. */
export interface TestTables {
  readonly tables: DynamoDBDocumentClient;
  readonly url: string;
  close(): Promise<void>;
}

/** Starts DynamoDB on loopback, and makes the tables that the table of services names. */
export async function startTables(): Promise<TestTables> {
  const server = dynalite({ createTableMs: 0 });
  // A kept connection must not be closed in the moment in which it is used again.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  for (const { name, partitionKey, sortKey } of services.flatMap(({ tables }) => tables)) {
    const keys = [partitionKey, ...(sortKey ? [sortKey] : [])];
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
      }),
    );
  }
  return {
    url,
    tables: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    close: async () => {
      client.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { Table } from '../model.ts';
import { region } from '../cloudformation.ts';
import type { Measures } from '../cloudwatch/measures.ts';
import type { Call, WireAnswer } from './calls.ts';
import type { Meter } from './meter.ts';

/** The tables of the local run. */
export interface Tables {
  /** Hands a call on to the DynamoDB behind, and counts its units. */
  call(call: Call, headers: IncomingHttpHeaders, meter: Meter, measures: Measures): Promise<WireAnswer>;
  close(): Promise<void>;
}

/** Starts a DynamoDB that keeps its tables in a folder, which no other process may have open. */
export async function startDynamoDb(folder: string): Promise<{ url: string; close: () => Promise<void> }> {
  const server: Server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // A kept connection must not be closed in the moment in which it is used again.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        // It calls back when its files are closed, too, which is later than the event `close`.
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Opens the tables of the templates on a DynamoDB, and makes those that are missing. */
export async function openTables(url: string, tables: readonly Table[]): Promise<Tables> {
  const client = new DynamoDBClient({ endpoint: url, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  for (const { name, keySchema, attributeDefinitions } of tables) {
    if (TableNames.includes(name)) continue;
    await client.send(
      new CreateTableCommand({
        TableName: name,
        KeySchema: [...keySchema],
        AttributeDefinitions: [...attributeDefinitions],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  }
  client.destroy();
  const agent = new Agent({ keepAlive: true });
  return {
    call: async ({ operation, input }, headers, meter, measures) => {
      // Without a signature of the function: the engine behind knows no functions.
      const { 'content-length': _, host: __, ...rest } = headers;
      const answer = await post(url, agent, rest, JSON.stringify({ ...input, ReturnConsumedCapacity: 'TOTAL' }));
      for (const [table, units] of unitsOf(answer, input)) {
        meter.add(writes.has(operation) ? 'DynamoDB write units' : 'DynamoDB read units', units);
        measures.consumed(table, writes.has(operation) ? 'Write' : 'Read', units);
      }
      return answer;
    },
    close: () => {
      agent.destroy();
      return Promise.resolve();
    },
  };
}

async function post(url: string, agent: Agent, headers: IncomingHttpHeaders, body: string): Promise<WireAnswer> {
  const request = httpRequest(url, { method: 'POST', agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { 'x-amz-crc32': crc = '' } = response.headers;
  return {
    status: response.statusCode ?? 500,
    headers: { 'content-type': 'application/x-amz-json-1.0', ...(crc && { 'x-amz-crc32': String(crc) }) },
    body: await text(response),
  };
}

const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

/** Units by table, as DynamoDB says; a write whose condition does not hold is billed like one that is done, and says nothing: at least one. */
function unitsOf({ status, body }: WireAnswer, { TableName = '' }: { TableName?: string }): [table: string, units: number][] {
  if (status !== 200) return [[TableName, 1]];
  type Consumed = { TableName: string; CapacityUnits: number };
  const { ConsumedCapacity } = JSON.parse(body) as { ConsumedCapacity?: Consumed | Consumed[] };
  return [ConsumedCapacity ?? []].flat().map((consumed) => [consumed.TableName, consumed.CapacityUnits]);
}

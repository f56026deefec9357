import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { json } from 'node:stream/consumers';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import type { Table } from '../model.ts';
import { region } from '../cloudformation.ts';
import type { Measures } from '../cloudwatch/measures.ts';
import type { Call, WireAnswer } from './calls.ts';
import type { Answer, DynamoDb } from './dynamodb.ts';
import type { Meter } from './meter.ts';

/** The tables of the local run. */
export interface Tables {
  /** Hands a call on to the DynamoDB behind, and counts its units. */
  call(call: Call, headers: IncomingHttpHeaders, meter: Meter, measures: Measures): Promise<WireAnswer>;
  close(): Promise<void>;
}

/**
 * Opens the tables of the templates on a DynamoDB, and makes those that are missing.
 *
 * @param engine the local run's own, or the URL of any other
 */
export async function openTables(engine: Pick<DynamoDb, 'url' | 'call'> | string, tables: readonly Table[]): Promise<Tables> {
  const url = typeof engine === 'string' ? engine : engine.url;
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
  const send = typeof engine === 'string' ? overHttp(engine, agent) : engine.call;
  return {
    call: async ({ operation, input }, headers, meter, measures) => {
      const { status, body } = await send(operation, { ...input, ReturnConsumedCapacity: 'TOTAL' }, headers);
      for (const [table, units] of unitsOf(status, body, input)) {
        meter.add(writes.has(operation) ? 'DynamoDB write units' : 'DynamoDB read units', units);
        measures.consumed(table, writes.has(operation) ? 'Write' : 'Read', units);
      }
      return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
    },
    close: () => {
      agent.destroy();
      return Promise.resolve();
    },
  };
}

/** Sends calls to another engine, without a signature of the function: it knows no functions. */
const overHttp =
  (url: string, agent: Agent) =>
  async (_: string, input: object, headers: IncomingHttpHeaders): Promise<Answer> => {
    const { 'content-length': __, host: ___, ...rest } = headers;
    const body = JSON.stringify(input);
    const request = httpRequest(url, { method: 'POST', agent, headers: { ...rest, 'content-length': Buffer.byteLength(body) } });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 500, body: (await json(response)) as object };
  };

const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

/** Units by table, as DynamoDB says; a write whose condition does not hold is billed like one that is done, and says nothing: at least one. */
function unitsOf(status: number, body: object, { TableName = '' }: { TableName?: string }): [table: string, units: number][] {
  if (status !== 200) return [[TableName, 1]];
  type Consumed = { TableName: string; CapacityUnits: number };
  const { ConsumedCapacity } = body as { ConsumedCapacity?: Consumed | Consumed[] };
  return [ConsumedCapacity ?? []].flat().map((consumed) => [consumed.TableName, consumed.CapacityUnits]);
}

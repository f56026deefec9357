import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { DatabaseSync } from 'node:sqlite';
import { json } from 'node:stream/consumers';
import { type Done, type Items, openItems } from './items.ts';

/** The DynamoDB of the local run. */
export interface DynamoDb {
  /** Where others than functions reach it. */
  readonly url: string;
  /** Carries out an operation of the API. */
  call(operation: string, input: object): Promise<Answer>;
  close(): Promise<void>;
}

/** What DynamoDB answers. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** What dynalite's operations work on. */
interface Store {
  readonly options: { readonly createTableMs: number; readonly maxItemSize: number };
  readonly tableDb: LockedItems;
  getItemDb(table: string): LockedItems;
  getTable(table: string, checkStatus: boolean | Done, done?: Done): void;
}
type LockedItems = Items & { readonly lock: unknown };

/** An error that DynamoDB answers with. */
interface Refusal {
  readonly statusCode: number;
  readonly body: object;
}

interface Operation {
  readonly types: object;
  readonly custom: unknown;
  readonly carryOut: (store: Store, input: object, done: Done) => void;
}

const dynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
const { checkTypes, checkValidations } = dynalite('./validations') as {
  checkTypes(input: object, types: object): object;
  checkValidations(input: object, types: object, custom: unknown, store: Store): void;
};
const { Lock } = dynalite('lock') as { Lock(): unknown };

const operations = new Map(
  ['BatchGetItem', 'CreateTable', 'DeleteItem', 'GetItem', 'ListTables', 'PutItem', 'Query', 'Scan', 'UpdateItem'].map((operation): [string, Operation] => {
    const name = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}`;
    const { types, custom } = dynalite(`./validations/${name}`) as Omit<Operation, 'carryOut'>;
    return [operation, { types, custom, carryOut: dynalite(`./actions/${name}`) as Operation['carryOut'] }];
  }),
);

/** DynamoDB takes items of 400 KiB. */
const maxItemSize = 400 * 1024;

/**
 * Opens the tables: dynalite's operations, called as they are, over the local run's database. dynalite's own server would read and write JSON and HTTP once more
 * for each call, and its LevelDB hands each read to another thread, which together cost more than the call itself.
 */
export async function startDynamoDb(database: DatabaseSync): Promise<DynamoDb> {
  const store = storeOf(database);
  const call: DynamoDb['call'] = async (name, input) => {
    const operation = operations.get(name);
    if (!operation) return { status: 400, body: { __type: 'com.amazon.coral.service#UnknownOperationException' } };
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    try {
      const checked = checkTypes({ ...input }, operation.types);
      checkValidations(checked, operation.types, operation.custom, store);
      operation.carryOut(store, checked, (error, result) => (error ? reject(error) : resolve(result as object)));
      return { status: 200, body: await promise };
    } catch (error) {
      const { statusCode, body } = error as Partial<Refusal>;
      if (statusCode === undefined || !body) throw error;
      return { status: statusCode, body };
    }
  };
  const server = await serve(call);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    call,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function storeOf(database: DatabaseSync): Store {
  const open = openItems(database);
  const opened = new Map<string, LockedItems>();
  const itemsOf = (name: string): LockedItems => {
    const items = opened.get(name) ?? { ...open(name), lock: Lock() };
    opened.set(name, items);
    return items;
  };
  const tableDb = itemsOf('table');
  /** Descriptions of tables, none of which changes once it is there. */
  const active = new Map<string, unknown>();
  return {
    options: { createTableMs: 0, maxItemSize },
    tableDb,
    getItemDb: (table) => itemsOf(`item-${table}`),
    getTable: (name, checkStatus, last) => {
      const done = typeof checkStatus === 'function' ? checkStatus : last;
      const known = active.get(name);
      if (known !== undefined) return done?.(null, known);
      tableDb.get(name, (error, table) => {
        const { TableStatus: status } = (table ?? {}) as { TableStatus?: string };
        if (error || status === undefined) return done?.(error ?? noTable());
        if (status === 'ACTIVE') active.set(name, table);
        done?.(null, table);
      });
    },
  };
}

const noTable = (): Error & Refusal =>
  Object.assign(new Error('ResourceNotFoundException'), {
    statusCode: 400,
    body: { __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException', message: 'Requested resource not found' },
  });

/** Answers on loopback. */
async function serve(call: DynamoDb['call']): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
      const { status, body } = await call(operation, (await json(request)) as object);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(body));
    };
    answer().catch(() => response.destroy());
  });
  // A kept connection must not be closed in the moment in which it is used again.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

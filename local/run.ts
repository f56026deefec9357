import { once } from 'node:events';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { variables } from '../lambdas/contracts/names.ts';
import type { Service } from '../lib/services.ts';
import { authorityOf, roleOf } from './aws/authority.ts';
import { openBus } from './aws/bus.ts';
import { type Endpoint, startEndpoint, type Trouble } from './aws/endpoint.ts';
import { type NewMessage, openMessages } from './aws/messages.ts';
import { type Meter, meter as newMeter } from './aws/meter.ts';
import { openOutbox, type Outbox } from './aws/outbox.ts';
import { openTables, startDynamoDb } from './aws/tables.ts';
import { gateway } from './front/gateway.ts';
import { audience, issuer as issuerUrl, openIssuer } from './front/issuer.ts';
import { pages } from './front/pages.ts';
import { standIns } from './front/stand-ins.ts';
import { startMapping } from './lambda/mapping.ts';
import { functionPool, type Pool } from './lambda/pool.ts';
import type { EventSourceMapping, Model } from './model.ts';
import { readModel } from './template.ts';

export interface LocalOptions {
  /** Port on loopback; 0 picks a free one. */
  readonly port: number;
  /** Folder of the state; it survives stop, crash and restart. */
  readonly data: string;
  /** A geo database in MaxMind's format, in place of the one from npm. */
  readonly geoDatabase?: string | undefined;
  readonly homeCountries?: readonly string[] | undefined;
  /** The table of services to run, in place of the whole one. */
  readonly table?: readonly Service[];
  /** A cloud assembly that is there already, in place of one made now from the table and settings. */
  readonly assembly?: string;
  /** URL of a DynamoDB to use in place of the local run's own. */
  readonly tablesUrl?: string;
  /** Trouble to make, for tests. */
  readonly trouble?: Trouble;
  /** Told what is being done, while it starts. */
  readonly progress?: (what: string) => void;
  /** Told of what would be a mistake in the templates: what IAM refuses, and what fails. */
  readonly report?: (what: string) => void;
}

/** The whole chain on one machine, from the synthesized templates. */
export interface LocalRun {
  /** `http://127.0.0.1:8787` */
  readonly url: string;
  readonly outbox: Outbox;
  readonly meter: Meter;
  /** The geo database that the ip-checker asks. */
  readonly geoDatabaseFile: string;
  /** Names of the functions. */
  readonly functions: readonly string[];
  /** Kills a process of a function that works just now. @returns whether there was one */
  kill(functionName: string, random: () => number): boolean;
  /** What lies in a queue, by its name. */
  peek(queueName: string): NewMessage[];
  /** Puts a message into a queue, by its name. */
  send(queueName: string, body: string): void;
  isIdle(): boolean;
  /** Resolves once every queue is empty and no function is running. */
  whenIdle(): Promise<void>;
  close(): Promise<void>;
}

/** What can be said to whoever started it, without a stack. */
export class LocalRunError extends Error {}

/** A log that has grown beyond this begins anew; the one before stays beside it. */
const maxLogBytes = 10 * 1024 * 1024;
/** How long requests in work may still take when the run ends, in milliseconds. */
const graceMilliseconds = 2000;

/** Starts the local run. What was started is ended again when a later step fails. */
export async function startLocal(options: LocalOptions): Promise<LocalRun> {
  const cleanups: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  };
  try {
    return await start(options, (cleanup) => cleanups.push(cleanup), close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(options: LocalOptions, atEnd: (cleanup: () => void | Promise<void>) => void, close: () => Promise<void>): Promise<LocalRun> {
  const { trouble = {}, progress = () => undefined, report = () => undefined } = options;
  const data = resolve(options.data);
  const now = () => new Date();
  const folder = async (name: string): Promise<string> => {
    await mkdir(join(data, name), { recursive: true, mode: 0o700 });
    return join(data, name);
  };

  await folder('.');
  const database = openDatabase(data);
  atEnd(() => database.close());
  const dynamo = options.tablesUrl === undefined ? await startDynamoDb(await folder('tables')) : undefined;
  if (dynamo) atEnd(dynamo.close);
  const server = await listen(options.port);
  atEnd(() => closeServer(server));

  const assembly = options.assembly ?? (await synthesize(options, await folder('build'), progress));
  progress('Reading the templates');
  const model = readModel(assembly);
  const authority = authorityOf(model);

  progress('Opening queues and tables');
  const messages = openMessages(database, model.queues, Date.now);
  const outbox = openOutbox(database);
  const meter = newMeter();
  const tables = await openTables(options.tablesUrl ?? dynamo?.url ?? '', model.tables);
  atEnd(tables.close);
  const bus = await openBus(model, messages, authority);
  const endpoint = await startEndpoint({ model, authority, messages, bus, tables, outbox, meter, trouble, report, now });
  atEnd(endpoint.close);

  const maxProcesses = availableParallelism();
  const pools = poolsOf(model, endpoint, await folder('logs'), maxProcesses, meter);
  atEnd(async () => {
    await Promise.all([...pools.values()].map((pool) => pool.close()));
  });
  const poolOf = (name: string): Pool => {
    const pool = pools.get(name);
    if (!pool) throw new Error(`There is no function ${name}.`);
    return pool;
  };
  for (const mapping of model.eventSourceMappings) await checkRole(mapping, model, authority);
  const pollers = model.eventSourceMappings.map((mapping) =>
    startMapping(mapping, { pool: poolOf(mapping.functionName), messages, meter, maxProcesses }),
  );
  atEnd(async () => {
    await Promise.all(pollers.map((poller) => poller.stop()));
    messages.close();
  });

  const fed = model.eventSourceMappings.map(({ queueArn }) => queueArn);
  const isIdle = () => fed.every((arn) => messages.count(arn) === 0) && [...pools.values()].every(({ busy }) => busy === 0);
  const issuer = await openIssuer(join(data, 'issuer.json'), now);
  const nameOf = new Map(model.functions.map(({ arn, name }) => [arn, name]));
  const invoke = (arn: string, event: unknown) => poolOf(nameOf.get(arn) ?? arn).invoke(event);
  const app = new Hono()
    .route('/', gateway({ model, authority, issuer, meter, now, invoke }))
    .route('/', standIns({ issuer, outbox, isIdle }))
    .route('/', pages())
    // What API Gateway says of a path that it does not have.
    .notFound((context) => context.json({ message: 'Not Found' }, 404));
  server.on('request', guarded(getRequestListener(app.fetch)));
  atEnd(() => closeServer(server));

  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    outbox,
    meter,
    geoDatabaseFile: geoDatabaseFileOf(model),
    functions: model.functions.map(({ name }) => name),
    kill: (name, random) => poolOf(name).kill(random),
    peek: (name) => messages.peek(arnOfQueue(model, name)),
    send: (name, body) => {
      messages.send([{ queueArn: arnOfQueue(model, name), message: { body } }]);
    },
    isIdle,
    whenIdle: async () => {
      while (!isIdle()) await delay(20);
    },
    close,
  };
}

async function synthesize({ geoDatabase, homeCountries, table }: LocalOptions, folder: string, progress: (what: string) => void): Promise<string> {
  progress('Bundling the functions and synthesizing the templates');
  // Imported here: CDK alone takes a second, which a run with an assembly of its own does without.
  const { loginwardApp } = await import('../lib/app.ts');
  const outdir = join(folder, 'cdk.out');
  rmSync(outdir, { recursive: true, force: true });
  const context = {
    env: 'local',
    jwtIssuer: issuerUrl,
    jwtAudience: [audience],
    ...(geoDatabase !== undefined && { geoDatabase }),
    ...(homeCountries && { homeCountries }),
  };
  const app = await loginwardApp({ bundles: join(folder, 'functions'), checks: false, table, app: { outdir, context } });
  return app.synth().directory;
}

/** Opens the state; its lock keeps every other run out of the folder, and ends with this process however it ends. */
function openDatabase(data: string): DatabaseSync {
  const database = new DatabaseSync(join(data, 'state.sqlite'));
  try {
    // A commit survives the end of the process; only a power cut could take the last ones.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN EXCLUSIVE; COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw new LocalRunError(
      `The state in ${data} cannot be opened: ${(error as Error).message}. Another run may have it: stop that one, or give this one a folder of its own by --data.`,
    );
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new LocalRunError(`Port ${port} is in use. Stop what uses it, or choose another one by --port (0 picks a free one).`);
  }
  return server;
}

/** Takes no more requests, and lets those in work end. */
async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
  await once(server, 'close');
  clearTimeout(timer);
}

function poolsOf(model: Model, endpoint: Endpoint, logs: string, maxProcesses: number, meter: Meter): Map<string, Pool> {
  return new Map(
    model.functions.map((each) => {
      const logFile = join(logs, `${each.name}.log`);
      if (existsSync(logFile) && statSync(logFile).size > maxLogBytes) renameSync(logFile, `${logFile}.1`);
      const credentials = endpoint.credentialsOf(each.name);
      return [each.name, functionPool(each, { endpointUrl: endpoint.url, credentials, logFile, maxProcesses, meter })];
    }),
  );
}

/** Lambda reads a queue with the function's role; without these permissions a mapping is not even created. */
async function checkRole({ functionName, queueArn }: EventSourceMapping, model: Model, authority: ReturnType<typeof authorityOf>): Promise<void> {
  const target = model.functions.find(({ name }) => name === functionName);
  if (!target) throw new Error(`A mapping feeds ${functionName}, which no template has.`);
  for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']) {
    if (await authority.allows(roleOf(target), { action, resource: queueArn })) continue;
    throw new Error(`The role of ${functionName} does not allow ${action} on ${queueArn}.`);
  }
}

/** Answers only what was asked for on loopback by that name, so that no page of another site can reach it (DNS rebinding). */
function guarded(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')) {
      listener(request, response);
      return;
    }
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: 'Forbidden' }));
  };
}

function geoDatabaseFileOf({ functions }: Model): string {
  for (const { codePath, environment } of functions) {
    const file = environment[variables.geoDatabase];
    if (file !== undefined) return join(codePath, file);
  }
  throw new Error('No function has a geo database.');
}

function arnOfQueue(model: Model, name: string): string {
  const queue = model.queues.find((each) => each.name === name);
  if (!queue) throw new Error(`There is no queue ${name}.`);
  return queue.arn;
}

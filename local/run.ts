import { existsSync, renameSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { eventType, variables } from '../lambdas/contracts/names.ts';
import { readCatalog } from '../lib/catalog.ts';
import { bundlePages } from '../lib/pages.ts';
import { services } from '../lib/services.ts';
import { type AssemblyOptions, synthesize } from './assembly.ts';
import { authorityOf, roleOf } from './aws/authority.ts';
import { openBuckets } from './aws/buckets.ts';
import { openBus } from './aws/bus.ts';
import { startDynamoDb } from './aws/dynamodb.ts';
import { type Endpoint, startEndpoint, type Trouble } from './aws/endpoint.ts';
import { inCopies, type NewMessage, openMessages } from './aws/messages.ts';
import { type Meter, meter as newMeter } from './aws/meter.ts';
import { openOutbox, type Outbox } from './aws/outbox.ts';
import { generatedSecrets } from './aws/secrets.ts';
import { openTables } from './aws/tables.ts';
import { clockOf } from './cloudwatch/clock.ts';
import { openCloudWatch } from './cloudwatch/cloudwatch.ts';
import { type Measures, measuresOf } from './cloudwatch/measures.ts';
import { measureQueues } from './cloudwatch/queues.ts';
import { metricStore } from './cloudwatch/store.ts';
import type { CloudWatch } from './cloudwatch/types.ts';
import { stateReader, topicIn } from './console/state.ts';
import { listening, openTap } from './console/tap.ts';
import { operatorsPath } from './credentials.ts';
import { isDiskFull, tellingOfFullDisk } from './disk.ts';
import { LocalRunError } from './error.ts';
import { console } from './front/console.ts';
import { gateway } from './front/gateway.ts';
import { openIssuer } from './front/issuer.ts';
import { oidc } from './front/oidc.ts';
import { pages } from './front/pages.ts';
import { sampleGame, samplePath } from './front/sample-game.ts';
import { answerBy, closeServer, listen } from './front/server.ts';
import { standIns } from './front/stand-ins.ts';
import { readBrokers } from './kafka/brokers.ts';
import type { KafkaBus, KafkaBusParts } from './kafka/bus.ts';
import type { Cluster } from './kafka/cluster.ts';
import { startMapping } from './lambda/mapping.ts';
import { functionPool, type Pool } from './lambda/pool.ts';
import { startSchedule } from './lambda/schedule.ts';
import type { EventSourceMapping, Model, Schedule } from './model.ts';
import { openDatabase } from './state.ts';
import { readModel } from './template.ts';

export interface LocalOptions extends AssemblyOptions {
  /** Port on loopback; 0 picks a free one. */
  readonly port: number;
  /** Folder of the state; it survives stop, crash and restart. */
  readonly data: string;
  /** Brokers of Kafka on loopback, `127.0.0.1:9092`, when that is the bus. */
  readonly brokers?: string | undefined;
  /** A cloud assembly that is there already, in place of one made now from the table and settings. */
  readonly assembly?: string;
  /** URL of a DynamoDB to use in place of the local run's own. */
  readonly tablesUrl?: string;
  /** Trouble to make, for tests. */
  readonly trouble?: Trouble;
  /**
   * How long a minute of CloudWatch and of schedules lasts, in milliseconds; 60,000 unless tests have no time. Ages of messages and the times of metrics
   * are stretched by the same factor, the time limits of functions and queues are not.
   */
  readonly minuteMilliseconds?: number;
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
  /** Metrics, dashboards and alarms. */
  readonly cloudWatch: CloudWatch;
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
  /** On Kafka: what lies in the on-failure bucket of a function, contents by key. */
  onFailure(functionName: string): ReadonlyMap<string, string>;
  /** Whether every queue is empty, or every consumer group at the end of its topic, and no function is running. */
  isIdle(): Promise<boolean>;
  /** Resolves once it is idle. */
  whenIdle(): Promise<void>;
  close(): Promise<void>;
}

/** A log that has grown beyond this begins anew; the one before stays beside it. */
const maxLogBytes = 10 * 1024 * 1024;
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
    if (!isDiskFull(error)) throw error;
    throw new LocalRunError(`The disk of ${resolve(options.data)} is full. Make space on it, or give this run a folder on another one by --data.`);
  }
}

async function start(options: LocalOptions, atEnd: (cleanup: () => void | Promise<void>) => void, close: () => Promise<void>): Promise<LocalRun> {
  const { trouble = {}, progress = () => undefined } = options;
  const data = resolve(options.data);
  const report = tellingOfFullDisk(options.report ?? (() => undefined), data, () => performance.now());
  const now = () => new Date();
  const folder = async (name: string): Promise<string> => {
    await mkdir(join(data, name), { recursive: true, mode: 0o700 });
    return join(data, name);
  };

  const kafka = await openKafka(options);
  if (kafka) atEnd(kafka.cluster.close);
  await folder('.');
  const database = openDatabase(data);
  atEnd(() => database.close());
  const dynamo = options.tablesUrl === undefined ? await startDynamoDb(database) : undefined;
  if (dynamo) atEnd(dynamo.close);
  const server = await listen(options.port);
  atEnd(() => closeServer(server));

  if (options.assembly === undefined) progress('Bundling the functions and synthesizing the templates');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const outbox = openOutbox(database);
  const own = readCatalog({ subscriptions: options.subscriptions ?? [], eventTypes: [], networks: [], allowsUnsigned: true }).catalog.subscriptions;
  for (const { name, secret } of own) {
    if (secret !== undefined && !options.secrets?.has(secret)) progress(`Requests to ${name} are not signed: --secrets has no ${secret}`);
  }
  // What a game is asked to do, the sample game server does until there is one of one's own.
  const isPlayed = own.some(({ eventTypes }) => eventTypes.includes(eventType('action.requested')));
  const sample = isPlayed ? undefined : sampleGame(await folder('build'), url, outbox, now);
  const subscriptions = [...(options.subscriptions ?? []), ...(sample?.subscriptions ?? [])];
  const secrets = new Map([...(options.secrets ?? []), ...(sample?.secrets ?? [])]);
  const assembly = options.assembly ?? (await synthesize({ ...options, subscriptions, secrets }, await folder('build')));
  const pageFolder = join(await folder('build'), 'pages');
  await bundlePages(pageFolder);
  progress('Reading the templates');
  const model = readModel(assembly, url, kafka?.cluster.brokers);
  if (model.kafka && !kafka) throw new LocalRunError(brokersNeeded);
  const authority = authorityOf(model);

  progress('Opening queues and tables');
  const clock = clockOf(Date.now, options.minuteMilliseconds);
  const store = metricStore();
  const measures = measuresOf(store, clock);
  const polled = new Set(model.eventSourceMappings.map(({ queueArn }) => queueArn));
  const queues = openMessages(database, model.queues, steadyClock(Date.now()));
  const { messages, look } = measureQueues(trouble.deliveries ? inCopies(queues, trouble.deliveries) : queues, { queues: model.queues, polled, store, clock, measures });
  const buckets = openBuckets(database);
  const meter = newMeter();
  const tablesUrl = options.tablesUrl ?? dynamo?.url ?? '';
  const tables = await openTables(dynamo ?? tablesUrl, model.tables);
  atEnd(tables.close);
  const tap = openTap(topicIn(model), clock.now);
  const bus = listening(await openBus(model, { messages, authority, measures, refuses: (arn) => trouble.refusesDelivery?.(arn) ?? false }), tap);
  for (const [name, text] of generatedSecrets(database, model.secrets)) secrets.set(name, text);
  const endpoint = await startEndpoint({ model, authority, messages, bus, tables, outbox, buckets, cluster: kafka?.cluster, secrets, meter, measures, trouble, report, now });
  atEnd(endpoint.close);

  const maxProcesses = availableParallelism();
  const logs = await folder('logs');
  const pools = poolsOf(model, endpoint, logs, { maxProcesses, meter, measures, trouble });
  atEnd(async () => {
    await Promise.all([...pools.values()].map((pool) => pool.close()));
  });
  const logFiles = model.functions.map(({ name }) => logFileOf(logs, name));
  const cloudWatch = openCloudWatch({ monitoring: model.monitoring, store, clock, logFiles, look });
  atEnd(cloudWatch.close);
  const poolOf = (name: string): Pool => {
    const pool = pools.get(name);
    if (!pool) throw new Error(`There is no function ${name}.`);
    return pool;
  };
  for (const mapping of model.eventSourceMappings) await checkRole(mapping, model, authority);
  const pollers = model.eventSourceMappings.map((mapping) =>
    startMapping(mapping, { pool: poolOf(mapping.functionName), messages, meter, maxProcesses, report }),
  );
  atEnd(async () => {
    await Promise.all(pollers.map((poller) => poller.stop()));
    messages.close();
  });

  const nameOf = new Map(model.functions.map(({ arn, name }) => [arn, name]));
  const invoke = (arn: string, event: unknown) => poolOf(nameOf.get(arn) ?? arn).invoke(event);
  const kafkaBus = model.kafka && kafka && (await kafka.start({ kafka: model.kafka, functions: model.functions, poolOf, authority, buckets, invoked: tap.invoked, measures, minuteMilliseconds: clock.minuteMilliseconds, now, progress, report }));
  if (kafkaBus) atEnd(kafkaBus.stop);

  for (const schedule of model.schedules) atEnd(startSchedule(schedule, poolOf(functionOf(model, schedule).name), clock.minuteMilliseconds));

  const fed = model.eventSourceMappings.map(({ queueArn }) => queueArn);
  const isQuiet = () =>
    fed.every((arn) => messages.isEmpty(arn)) && (kafkaBus?.isQuiet ?? true) && [...pools.values()].every(({ busy }) => busy === 0);
  const isIdle = async () => isQuiet() && (kafkaBus === undefined || (await isCaughtUp(kafkaBus, isQuiet)));
  const issuer = await openIssuer(join(data, 'issuer.json'), now);
  const state = stateReader({ model, services: options.table ?? services, messages, buckets, cluster: kafka?.cluster, tablesUrl, tap, cloudWatch, clock });
  atEnd(state.close);
  const app = new Hono()
    .route('/', gateway({ model, authority, issuer, callerOf: endpoint.callerOf, meter, measures, now, invoke }))
    .route('/', standIns({ issuer, outbox, isIdle }))
    .route('/', console({ state, cloudWatch, clock }))
    .route('/', oidc(issuer, now))
    .route('/', pages(pageFolder))
    // What API Gateway says of a path that it does not have.
    .notFound((context) => context.json({ message: 'Not Found' }, 404));
  const serve = getRequestListener(app.fetch);
  const serveOperators = endpoint.forOperators((name, event) => poolOf(name).invoke(event));
  answerBy(server, (request, response) => {
    if (request.url?.startsWith(`${operatorsPath}/`)) serveOperators(request, response);
    else if (sample && request.method === 'POST' && request.url === samplePath) sample.listener(request, response);
    else void serve(request, response);
  });
  atEnd(() => closeServer(server));

  return {
    url,
    outbox,
    meter,
    cloudWatch,
    geoDatabaseFile: geoDatabaseFileOf(model),
    functions: model.functions.map(({ name }) => name),
    kill: (name, random) => poolOf(name).kill(random),
    peek: (name) => messages.peek(arnOfQueue(model, name)),
    send: (name, body) => {
      messages.send([{ queueArn: arnOfQueue(model, name), message: { body } }]);
    },
    onFailure: (name) => {
      const bucket = model.functions.find((each) => each.name === name)?.environment[variables.onFailureBucket];
      if (bucket === undefined) throw new Error(`${name} has no on-failure bucket.`);
      return new Map(buckets.list(bucket, '', Number.MAX_SAFE_INTEGER).map((key) => [key, buckets.get(bucket, key) ?? '']));
    },
    isIdle,
    whenIdle: async () => {
      // A look at Kafka costs the brokers two calls for each group.
      while (!(await isIdle())) await delay(kafkaBus ? 100 : 20);
    },
    close,
  };
}

const brokersNeeded = 'The bus is Kafka, so say where: --brokers 127.0.0.1:9092. npm run kafka starts one there.';

interface Kafka {
  readonly cluster: Cluster;
  start(parts: Omit<KafkaBusParts, 'cluster'>): Promise<KafkaBus>;
}

/** Kafka, when that is the bus. What speaks it is loaded only then. @throws LocalRunError when it cannot be reached */
async function openKafka({ bus, brokers, progress }: LocalOptions): Promise<Kafka | undefined> {
  if (bus === 'kafka' && brokers === undefined) throw new LocalRunError(brokersNeeded);
  if (brokers === undefined) return undefined;
  progress?.(`Connecting to Kafka at ${brokers}`);
  const [{ openCluster }, { startKafkaBus }] = await Promise.all([import('./kafka/cluster.ts'), import('./kafka/bus.ts')]);
  const cluster = await openCluster(readBrokers(brokers));
  return { cluster, start: (parts) => startKafkaBus({ ...parts, cluster }) };
}

/** Whether all groups are at the ends of their topics, which are the same when one looks again: nothing was published meanwhile. */
async function isCaughtUp(bus: KafkaBus, isQuiet: () => boolean): Promise<boolean> {
  const ends = await bus.caughtUp();
  return ends !== undefined && isQuiet() && (await bus.caughtUp()) === ends && isQuiet();
}

/** Milliseconds since the epoch by a clock that goes on evenly from a moment on, whatever the machine's does: nothing in a queue waits for a day that came twice. */
function steadyClock(start: number): () => number {
  const begin = performance.now();
  return () => Math.floor(start + performance.now() - begin);
}

const logFileOf = (logs: string, functionName: string): string => join(logs, `${functionName}.log`);

interface PoolsParts {
  readonly maxProcesses: number;
  readonly meter: Meter;
  readonly measures: Measures;
  readonly trouble: Trouble;
}

function poolsOf(model: Model, endpoint: Endpoint, logs: string, { maxProcesses, meter, measures, trouble }: PoolsParts): Map<string, Pool> {
  return new Map(
    model.functions.map((each) => {
      const logFile = logFileOf(logs, each.name);
      if (existsSync(logFile) && statSync(logFile).size > maxLogBytes) renameSync(logFile, `${logFile}.1`);
      const credentials = endpoint.credentialsOf(each.name);
      const processes = Math.min(maxProcesses, each.reservedConcurrency ?? maxProcesses);
      const isThrottled = () => trouble.throttles?.(each.name) ?? false;
      const nodeArguments = () => trouble.nodeArguments?.(each.name) ?? [];
      return [each.name, functionPool(each, { endpointUrl: endpoint.url, credentials, logFile, maxProcesses: processes, meter, measures, isThrottled, nodeArguments })];
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

/** The function that a schedule calls, which must allow it. */
function functionOf({ functions }: Model, { functionArn, arn }: Schedule): Model['functions'][number] {
  const target = functions.find((each) => each.arn === functionArn);
  if (!target?.invokers.some(({ service, sourceArn }) => service === 'events.amazonaws.com' && sourceArn === arn)) {
    throw new Error(`The rule ${arn} may not call ${functionArn}.`);
  }
  return target;
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

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LocalRunError } from '../error.ts';
import { copyDependencies, engines, fetched } from '../fetched.ts';
import { kafkaClient } from './client.ts';

/** An Apache Kafka of one node on loopback, both broker and controller. */
export interface Broker {
  /** `127.0.0.1:9092` */
  readonly brokers: string;
  /** The listener that asks for a token, when there is one. */
  readonly oauthBrokers: string | undefined;
  /** Resolves when the process has ended, however it ended. */
  readonly ended: Promise<void>;
  /** Ends it as Kafka wants to be ended. */
  stop(): Promise<void>;
  /** Ends it as a machine that goes down would (SIGKILL). */
  kill(): Promise<void>;
}

export interface BrokerOptions {
  /** Folder of the libraries, from {@link fetchKafka}. */
  readonly libraries: string;
  /** Port on loopback; 0 picks a free one. */
  readonly port: number;
  /** Folder of the topics and of the broker's log; they survive stop, crash and restart. */
  readonly data: string;
  /** A second listener (SASL_PLAINTEXT, OAUTHBEARER, unsecured tokens) on which clients authenticate anew every so often. */
  readonly oauth?: { readonly port: number; readonly reauthMilliseconds: number };
}

const version = '4.2.0';
const mainMemory = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC'];
/** The cluster's id is of no use to anybody, so it is the same for all. */
const clusterId = Buffer.from('loginward-local!').toString('base64url');
/** How long a broker may take to start or to stop, in milliseconds. */
const patience = 60_000;

/** Fetches Apache Kafka by Maven when it is not there yet. @returns the folder of its libraries */
export const fetchKafka = (say?: (what: string) => void): Promise<string> =>
  fetched(join(engines, `kafka-${version}`), (into) => copyDependencies(join(import.meta.dirname, 'pom.xml'), into), say);

/** Starts a broker, and waits until it answers. @throws LocalRunError when Java is missing, the port is in use, or it does not start */
export async function startBroker({ libraries, port: wanted, data, oauth }: BrokerOptions): Promise<Broker> {
  const folder = resolve(data);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const port = await availablePort(wanted);
  const oauthPort = oauth && (await availablePort(oauth.port));
  const properties = { ...propertiesOf(folder, port, await availablePort(0)), ...(oauth && oauthListener(oauth.reauthMilliseconds)) };
  if (oauthPort !== undefined) properties['listeners'] += `,OAUTH://127.0.0.1:${oauthPort}`;
  const file = join(folder, 'server.properties');
  await writeFile(file, Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join(''));
  const java = [
    ...mainMemory,
    `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.xml')}`,
    `-Dkafka.logs.dir=${folder}`,
    '-cp',
    join(libraries, '*'),
  ];
  // Written last by the tool, so it tells that the storage is whole.
  if (!existsSync(join(folder, 'topics', 'meta.properties'))) await format(java, file);
  const child = spawn('java', [...java, 'kafka.Kafka', file], { stdio: 'ignore' });
  const ended = once(child, 'exit').then(
    () => undefined,
    () => undefined,
  );
  const brokers = `127.0.0.1:${port}`;
  await ready(brokers, child, folder);
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), patience);
    await ended;
    clearTimeout(timer);
  };
  return {
    brokers,
    oauthBrokers: oauthPort === undefined ? undefined : `127.0.0.1:${oauthPort}`,
    ended,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

function propertiesOf(folder: string, port: number, controllerPort: number): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,OAUTH:SASL_PLAINTEXT',
    'log.dirs': join(folder, 'topics'),
    // The templates make the topics.
    'auto.create.topics.enable': 'false',
    // What has one node can be on one node only.
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'min.insync.replicas': '1',
    'offsets.topic.num.partitions': '4',
    // As the deployed cluster: offsets of a silent group are kept for 30 days.
    'offsets.retention.minutes': String(30 * 24 * 60),
    // Nobody else joins, and a node that came back need not wait for its own former self.
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'broker.heartbeat.interval.ms': '1000',
    'broker.session.timeout.ms': '2000',
  };
}

/** As MSK does with IAM: a client must show a new token before the old one's time is over. */
const oauthListener = (reauthMilliseconds: number): Record<string, string> => ({
  'sasl.enabled.mechanisms': 'OAUTHBEARER',
  'listener.name.oauth.oauthbearer.connections.max.reauth.ms': String(reauthMilliseconds),
  'listener.name.oauth.oauthbearer.sasl.jaas.config':
    'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
});

/** @throws LocalRunError when the port is in use */
async function availablePort(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new LocalRunError(`Port ${port} is in use. Stop what uses it, or choose another one by --port.`);
  }
  const { port: given } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return given;
}

async function format(java: readonly string[], file: string): Promise<void> {
  try {
    await promisify(execFile)('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file, '--ignore-formatted']);
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
    if (code === 'ENOENT') throw new LocalRunError('Java is missing, on which Kafka runs. Install Java 17 or newer (apt install default-jre-headless, brew install openjdk) and try again.');
    throw new LocalRunError(`The storage of Kafka could not be made: ${stderr || message}`);
  }
}

/** A broker that came back takes no part until its former self's session has ended; then it is in its own list. */
async function ready(brokers: string, child: ChildProcess, folder: string): Promise<void> {
  const admin = kafkaClient(brokers, { retries: 0 }).admin();
  const end = Date.now() + patience;
  let failure: string | undefined;
  child.on('error', (error) => {
    failure = error.message;
  });
  child.on('exit', (code) => {
    failure = `it ended with ${code}`;
  });
  for (;;) {
    const isReady = await admin.connect().then(
      async () => (await admin.describeCluster()).brokers.length > 0,
      () => false,
    ).catch(() => false);
    await admin.disconnect().catch(() => undefined);
    if (isReady) return;
    if (Date.now() > end) failure = `it did not answer for ${patience / 1000} seconds`;
    if (failure !== undefined) {
      child.kill('SIGKILL');
      throw new LocalRunError(`Kafka did not start: ${failure}. ${join(folder, 'broker.log')} tells more.`);
    }
    await delay(100);
  }
}

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { copyDependencies, engines, fetched, root } from '../../local/fetched.ts';
import { fetchKafka } from '../../local/kafka/broker.ts';

export { root };

const run = promisify(execFile);

/** A real engine that a test talks to. */
export interface Engine {
  readonly url: string;
  stop(): Promise<void>;
}

/** A port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a program, and waits until its URL answers. */
async function start(command: string, args: readonly string[], url: string, env: Record<string, string>): Promise<Engine> {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints = `${complaints}${String(chunk)}`.slice(-4000);
  });
  let ended: string | undefined;
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('exit', (code) => {
    ended = `exit ${code}`;
  });
  while (!(await answers(url))) {
    if (ended !== undefined) throw new Error(`${command} ended before it answered (${ended}):\n${complaints}`);
    await delay(200);
  }
  return {
    url,
    stop: async () => {
      if (ended !== undefined) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Any answer means that it is up. */
const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

const ownOfDynamoDb = join(root, 'test', 'engines', 'dynamodb-local');
const fetchDynamoDb = () => fetched(join(engines, 'dynamodb-local-3.1.0'), (into) => copyDependencies(join(ownOfDynamoDb, 'pom.xml'), into));
const fetchMiniStack = () => pythonProgram('ministack', '1.5.33');
const fetchLinter = () => pythonProgram('cfn-lint', '1.58.0');

/** Fetches every engine, one after the other: two test files that want the same must not. */
export async function fetchEngines(): Promise<void> {
  for (const fetch of [fetchDynamoDb, fetchKafka, fetchMiniStack, fetchLinter]) await fetch();
}

/** DynamoDB Local by Maven, in memory. */
export async function startDynamoDbLocal(): Promise<Engine> {
  const lib = await fetchDynamoDb();
  const port = await freePort();
  const args = [
    '-Xmx512m',
    '-Djava.security.manager',
    `-Djava.security.policy==${join(ownOfDynamoDb, 'loopback.policy')}`,
    `-Dsqlite4java.library.path=${lib}`,
    '-cp',
    join(lib, '*'),
    'software.amazon.dynamodb.services.local.main.ServerRunner',
    '-disableTelemetry',
    '-port',
    String(port),
    '-inMemory',
    '-sharedDb',
  ];
  return start('java', args, `http://127.0.0.1:${port}`, { DDB_LOCAL_TELEMETRY: '0' });
}

/** A program of PyPI, in a virtual environment of its own; its folder. */
export async function pythonProgram(name: string, version: string): Promise<string> {
  const environment = join(engines, `${name}-${version}`);
  // A virtual environment cannot be moved: it is fetched in place, and marked when it is whole.
  await fetched(join(environment, 'whole'), async (marker) => {
    await run('python3', ['-m', 'venv', environment]);
    await run(join(environment, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', `${name}==${version}`]);
    await mkdir(marker);
  });
  return environment;
}

/** What cfn-lint finds in a template. */
export interface LintFinding {
  readonly rule: string;
  readonly message: string;
  /** Where in the template: `['Resources', 'Topic', 'Properties']`. */
  readonly path: readonly string[];
}

/** Checks templates with cfn-lint for some regions. */
export async function lint(files: readonly string[], regions: readonly string[]): Promise<LintFinding[]> {
  const environment = await fetchLinter();
  const args = ['--format', 'json', '--regions', ...regions, '--template', ...files];
  // It ends with another code than 0 when it finds something.
  const { stdout } = await run(join(environment, 'bin', 'cfn-lint'), args, { maxBuffer: 64 * 2 ** 20 }).catch((error: { stdout?: string }) => {
    if (!error.stdout) throw error;
    return { stdout: error.stdout };
  });
  type Match = { Rule: { Id: string }; Message: string; Location: { Path: (string | number)[] | null } };
  return (JSON.parse(stdout) as Match[]).map(({ Rule, Message, Location }) => ({ rule: Rule.Id, message: Message, path: (Location.Path ?? []).map(String) }));
}

/** MiniStack: an AWS that `cdk deploy` can deploy to. */
export async function startMiniStack(): Promise<Engine> {
  const environment = await fetchMiniStack();
  const port = await freePort();
  return start(join(environment, 'bin', 'ministack'), [], `http://127.0.0.1:${port}`, {
    // It runs functions on the `node` of the path, which must be the one that Lambda runs.
    PATH: `${join(root, 'node_modules', '.bin')}:${process.env['PATH']}`,
    IOT_MTLS_ENABLED: '0',
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
  });
}

/** With it a command of this repository calls MiniStack in place of AWS. */
export const environmentOf = (engine: Engine): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${join(root, 'node_modules', '.bin')}:${process.env['PATH']}`,
  AWS_ENDPOINT_URL: engine.url,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'us-east-1',
  CDK_DISABLE_CLI_TELEMETRY: '1',
});

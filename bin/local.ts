import { existsSync, readFileSync } from 'node:fs';
import { country } from '../lambdas/contracts/places.ts';
import { CatalogError } from '../lib/json-files.ts';
import { LocalRunError } from '../local/error.ts';
import { readBrokers } from '../local/kafka/brokers.ts';
import { replaySample } from '../local/sample/replay.ts';
import { startLocal } from '../local/run.ts';
import { listOf, readOptions, refuse } from './options.ts';
import { readSecrets } from '../lambdas/http-bridge/signature.ts';

const help = `Runs Loginward on this machine, on loopback only: the bundles and templates that would be deployed.

npm start -- [options]

  --port 8787            port of the HTTP API and the pages; 0 picks a free one
  --data .loginward      folder of the state, which survives stop, crash and restart
  --bus sns              what carries the events: sns, or kafka
  --brokers HOST:PORT    with --bus kafka: brokers on this machine, such as 127.0.0.1:9092 of npm run kafka, separated by commas
  --geo-database FILE    a geo database in MaxMind's format, in place of the one from npm
  --home-countries KR    home countries of an account that chose none, ISO 3166-1 alpha-2, separated by commas
  --subscriptions DIR    subscriptions of HTTP endpoints; as long as none takes action.requested, the sample game server does
  --event-types DIR      event types of the company's own; event-types/ when left out
  --campaigns DIR        password campaigns; campaigns/ when left out
  --secrets FILE         JSON object with the secrets that subscriptions name, such as {"game-server":"whsec_..."}; a list of two
                         for the new and the old; a subscription whose secret is not there is not signed
  --sample               replays one day of made-up logins from 60 and more countries
  --help                 shows this

Credentials for the server-to-server paths: access key local, secret local, region us-east-1:
  curl --aws-sigv4 aws:amz:us-east-1:execute-api --user local:local \\
    -H 'Content-Type: application/json' -d '{"accountId":"ann","ip":"8.8.8.8"}' http://127.0.0.1:8787/v1/logins
A player's token:  POST /local/tokens {"accountId":"ann"}
Messages that would have gone out:  GET /local/messages?accountId=ann
`;

/** Says what is wrong with how it was called, and ends. */
const refuseCall = (message: string): never => refuse(`${message}\nnpm start -- --help shows all options.`);

/** Folders that an option names, separated by commas. */
const foldersOf = (text: string | undefined): string[] | undefined => (text === undefined ? undefined : listOf(text));

/** The texts of secrets by name, as Secrets Manager would hold them. */
function readSecretsFile(file: string): Map<string, string> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return refuseCall(`--secrets: ${file}: ${(error as Error).message}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return refuseCall(`--secrets: ${file} must hold an object, such as {"game-server":"whsec_..."}.`);
  return new Map(
    Object.entries(json).map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      try {
        readSecrets(text);
      } catch {
        return refuseCall(`--secrets: ${name} in ${file} must be whsec_ and base64, or a list of two of them.`);
      }
      return [name, text];
    }),
  );
}

/** Where Kafka is. */
function brokersOf(text: string | undefined): string {
  if (text === undefined) return refuseCall('--bus kafka needs --brokers, such as 127.0.0.1:9092. npm run kafka starts one there.');
  try {
    return readBrokers(text);
  } catch (error) {
    return refuseCall(`--brokers: ${(error as Error).message}`);
  }
}

const { values } = readOptions(help, {
  port: { type: 'string', default: '8787' },
  data: { type: 'string', default: '.loginward' },
  bus: { type: 'string', default: 'sns' },
  brokers: { type: 'string' },
  'geo-database': { type: 'string' },
  'home-countries': { type: 'string' },
  subscriptions: { type: 'string' },
  'event-types': { type: 'string' },
  campaigns: { type: 'string' },
  secrets: { type: 'string' },
  sample: { type: 'boolean', default: false },
});
const port = Number(values.port);
if (!/^\d{1,5}$/.test(values.port) || port > 65_535) refuseCall('--port must be a whole number from 0 to 65535.');
const bus = values.bus === 'sns' || values.bus === 'kafka' ? values.bus : refuseCall('--bus must be sns or kafka.');
const brokers = bus === 'kafka' ? brokersOf(values.brokers) : undefined;
if (bus === 'sns' && values.brokers !== undefined) refuseCall('--brokers is for --bus kafka.');
const geoDatabase = values['geo-database'];
if (geoDatabase !== undefined && !existsSync(geoDatabase)) refuseCall(`--geo-database: ${geoDatabase} does not exist.`);
const homeCountries = values['home-countries']?.split(',').map((code) => code.trim());
const unknown = homeCountries?.find((code) => !country().safeParse(code).success);
if (unknown !== undefined) refuseCall(`--home-countries: ${unknown} is not an ISO 3166-1 alpha-2 code, such as KR.`);

for (const name of ['subscriptions', 'event-types', 'campaigns'] as const) {
  for (const folder of foldersOf(values[name]) ?? []) if (!existsSync(folder)) refuseCall(`--${name}: ${folder} does not exist.`);
}
const secrets = values.secrets === undefined ? undefined : readSecretsFile(values.secrets);

// Whoever reads what it says may end before it does, and what it says may go to a disk that is full.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
const say = (what: string): void => {
  process.stdout.write(`${what}\n`);
};
const report = (what: string): void => {
  process.stderr.write(`${what}\n`);
};

try {
  const local = await startLocal({ port, data: values.data, bus, brokers, geoDatabase, homeCountries, subscriptions: foldersOf(values.subscriptions), eventTypes: foldersOf(values['event-types']), campaigns: foldersOf(values.campaigns), secrets, progress: (what) => say(`${what}…`), report });
  let isStopping = false;
  const stop = async (): Promise<void> => {
    // A second Ctrl-C does not wait.
    if (isStopping) process.exit(130);
    isStopping = true;
    say('Stopping…');
    await local.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop());
  say('Credentials: access key local, secret local, region us-east-1');
  say(`Loginward is ready at ${local.url}`);
  if (values.sample) await replaySample(local, homeCountries?.[0] ?? 'KR', say);
} catch (error) {
  if (!(error instanceof LocalRunError || error instanceof CatalogError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

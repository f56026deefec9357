import { validCatalog } from '../lib/catalog.ts';
import { CatalogError } from '../lib/json-files.ts';
import { partitionsOf, replicationOf, topicConfig, typesOf } from '../lib/kafka.ts';
import { namesOf } from '../lib/names.ts';
import { readSettings } from '../lib/settings.ts';
import { listOf, readOptions } from './options.ts';

const help = `Prints how to make the topics that a deployment with bus=kafka and kafkaBrokers needs. On MSK the deployment makes them itself.

npm run topics -- --brokers host:port,host:port [options]

  --brokers              whom kafka-topics.sh is to ask
  --command-config FILE  how it signs in, as in its own option of that name
  --env dev              name of the deployment
  --partitions 6         as the setting kafkaPartitions
  --broker-count 3       as the setting kafkaBrokerCount: of how many brokers at most three keep a copy
  --subscriptions DIR    subscriptions/ when left out; a topic gets as many partitions as the most parallel one needs
  --event-types DIR      event-types/ when left out
  --help                 shows this

It asks nobody. What it prints can be run again: a topic that is there stays, and gets the partitions that it lacks. Who signs in for
Loginward must be allowed to describe, read and write these topics, to write idempotently, and to use groups that begin with loginward-<env>-.
The brokers should keep offsets for 30 days (offsets.retention.minutes=43200), as long as a subscription may be paused.
`;

const { values } = readOptions(help, {
  brokers: { type: 'string', default: 'localhost:9092' },
  'command-config': { type: 'string' },
  env: { type: 'string', default: 'dev' },
  partitions: { type: 'string', default: '6' },
  'broker-count': { type: 'string', default: '3' },
  subscriptions: { type: 'string', default: 'subscriptions' },
  'event-types': { type: 'string', default: 'event-types' },
});

try {
  const settings = readSettings({
    bus: 'kafka',
    env: values.env,
    kafkaPartitions: values.partitions,
    kafkaBrokerCount: values['broker-count'],
    subscriptions: values.subscriptions,
    eventTypes: values['event-types'],
  });
  // Where an endpoint lies is no matter here, so any network may be one's own.
  const networks = ['0.0.0.0/0', '::/0'];
  const catalog = validCatalog({ subscriptions: settings.subscriptions, eventTypes: settings.eventTypes, networks, allowsUnsigned: true });
  const asking = ['kafka-topics.sh', '--bootstrap-server', listOf(values.brokers).join(','), ...(values['command-config'] ? ['--command-config', values['command-config']] : [])];
  const configs = Object.entries(topicConfig).flatMap(([name, value]) => ['--config', `${name}=${value}`]);
  const names = namesOf(settings);
  for (const type of typesOf(catalog)) {
    const partitions = String(partitionsOf(type, settings, catalog.subscriptions));
    const topic = ['--topic', names.topic(type), '--partitions', partitions];
    const create = [...asking, '--create', '--if-not-exists', ...topic, '--replication-factor', String(replicationOf(settings)), ...configs];
    process.stdout.write(`${create.join(' ')}\n`);
    // Kafka refuses to alter a topic to as many partitions as it has.
    if (Number(partitions) > settings.kafkaPartitions) process.stdout.write(`${[...asking, '--alter', ...topic].join(' ')} || true\n`);
  }
} catch (error) {
  if (error instanceof CatalogError || (error as Error).message.startsWith('Bad settings')) process.stderr.write(`${(error as Error).message}\n`);
  else throw error;
  process.exitCode = 1;
}

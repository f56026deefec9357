import { eventTypeFile } from '../lambdas/contracts/event-types.ts';
import { subscriptionFile } from '../lambdas/contracts/subscriptions.ts';
import { validCatalog } from '../lib/catalog.ts';
import { CatalogError } from '../lib/json-files.ts';
import { namesOf } from '../lib/names.ts';
import { planOf } from '../lib/plan.ts';
import { onFailureBuckets, parametersBelow } from './deployed.ts';
import { listOf, readOptions, refuse } from './options.ts';

const help = `Says in words what deploying the subscriptions and event types would change against what is deployed.

npm run subscriptions:plan -- [options]

  --env dev              name of the deployment
  --subscriptions DIR    subscriptions/ when left out
  --event-types DIR      event-types/ when left out
  --endpoint-networks    private networks that endpoints may lie in, in CIDR notation, separated by commas
  --partitions 6         on Kafka: as the setting kafkaPartitions
  --help                 shows this

It reads SSM parameters below /loginward/<env>/ with the AWS credentials and region of your environment.
`;

const { values } = readOptions(help, {
  env: { type: 'string', default: 'dev' },
  subscriptions: { type: 'string', default: 'subscriptions' },
  'event-types': { type: 'string', default: 'event-types' },
  'endpoint-networks': { type: 'string', default: '' },
  partitions: { type: 'string', default: '6' },
});

if (!/^[1-9]\d*$/.test(values.partitions)) refuse('--partitions must be a whole number above 0.');
try {
  const networks = listOf(values['endpoint-networks']);
  const wanted = validCatalog({ subscriptions: listOf(values.subscriptions), eventTypes: listOf(values['event-types']), networks, allowsUnsigned: false });
  const names = namesOf({ env: values.env });
  const parameters = await parametersBelow(names.parameters.all);
  const below = (path: string): unknown[] => [...parameters].flatMap(([name, json]) => (name.startsWith(`${path}/`) ? [JSON.parse(json)] : []));
  const ownsTopics = parameters.has(names.parameters.cluster);
  const onKafka = { kafkaPartitions: Number(values.partitions), ownsTopics, keepsTopics: !ownsTopics || values.env === 'prod' };
  const deployed = {
    subscriptions: below(names.parameters.subscriptions).map((json) => subscriptionFile.parse(json)),
    eventTypes: below(names.parameters.eventTypes).map((json) => eventTypeFile.parse(json)),
  };
  const lines = planOf(wanted, deployed, onFailureBuckets(parameters, names).size > 0 ? onKafka : undefined);
  process.stdout.write(lines.length > 0 ? `${lines.join('\n')}\n` : 'Nothing changes.\n');
} catch (error) {
  process.stderr.write(error instanceof CatalogError ? `${error.message}\n` : `What is deployed cannot be read: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

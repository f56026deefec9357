import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { eventTypeFile } from '../lambdas/contracts/event-types.ts';
import { subscriptionFile } from '../lambdas/contracts/subscriptions.ts';
import { validCatalog } from '../lib/catalog.ts';
import { CatalogError } from '../lib/json-files.ts';
import { namesOf } from '../lib/names.ts';
import { planOf } from '../lib/plan.ts';
import { listOf, readOptions } from './options.ts';

const help = `Says in words what deploying the subscriptions and event types would change against what is deployed.

npm run subscriptions:plan -- [options]

  --env dev              name of the deployment
  --subscriptions DIR    subscriptions/ when left out
  --event-types DIR      event-types/ when left out
  --endpoint-networks    private networks that endpoints may lie in, in CIDR notation, separated by commas
  --help                 shows this

It reads SSM parameters below /loginward/<env>/ with the AWS credentials and region of your environment.
`;

const { values } = readOptions(help, {
  env: { type: 'string', default: 'dev' },
  subscriptions: { type: 'string', default: 'subscriptions' },
  'event-types': { type: 'string', default: 'event-types' },
  'endpoint-networks': { type: 'string', default: '' },
});

/** The values of the parameters below a path. */
async function below(path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { Parameters = [] } of paginateGetParametersByPath({ client: new SSMClient({}) }, { Path: path })) {
    found.push(...Parameters.map(({ Value = '' }) => Value));
  }
  return found;
}

try {
  const networks = listOf(values['endpoint-networks']);
  const wanted = validCatalog({ subscriptions: listOf(values.subscriptions), eventTypes: listOf(values['event-types']), networks, allowsUnsigned: false });
  const { parameters } = namesOf({ env: values.env });
  const [subscriptions, eventTypes] = await Promise.all([below(parameters.subscriptions), below(parameters.eventTypes)]);
  const lines = planOf(wanted, {
    subscriptions: subscriptions.map((json) => subscriptionFile.parse(JSON.parse(json))),
    eventTypes: eventTypes.map((json) => eventTypeFile.parse(JSON.parse(json))),
  });
  process.stdout.write(lines.length > 0 ? `${lines.join('\n')}\n` : 'Nothing changes.\n');
} catch (error) {
  process.stderr.write(error instanceof CatalogError ? `${error.message}\n` : `What is deployed cannot be read: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

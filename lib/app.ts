import { dirname, join } from 'node:path';
import { App, type AppProps, AssetStaging, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Subscription } from '../lambdas/contracts/subscriptions.ts';
import { bundle } from './bundles.ts';
import { validCampaigns } from './campaigns.ts';
import { validCatalog } from './catalog.ts';
import { explainFindings } from './findings.ts';
import { ownerOf, raisedTopics, refuseTooManyMappings } from './kafka.ts';
import { namesOf } from './names.ts';
import { type Service, services } from './services.ts';
import { bundlePages } from './pages.ts';
import { readSettings } from './settings.ts';
import { ApiStack } from './stacks/api.ts';
import { BusStack } from './stacks/bus.ts';
import { OperationsStack } from './stacks/operations.ts';
import { ServiceStack } from './stacks/service.ts';
import { SiteStack } from './stacks/site.ts';

export interface LoginwardAppProps {
  /** Folder that the functions' bundles are written to; the player's page goes to `pages` beside it. */
  readonly bundles: string;
  /** Properties of the CDK app: context, and where the assembly goes. */
  readonly app?: AppProps;
  readonly table?: readonly Service[];
  /** Whether cdk-nag checks the templates; a local run, which deploys nothing, does without. */
  readonly checks?: boolean;
  /**
   * Names of the secrets that there are, in the local run: a subscription that names none of them is not signed. Left out, every
   * subscription must name one, and the deployment's Secrets Manager has it.
   */
  readonly secrets?: ReadonlySet<string>;
}

/**
 * The whole app: the bus, the HTTP API, a stack for each row of the table of services, and what operators look at.
 *
 * @throws CatalogError when subscriptions, event types or password campaigns are not as they must be
 */
export async function loginwardApp({ bundles, app: props, table = services, checks = true, secrets }: LoginwardAppProps): Promise<App> {
  const app = new App(props);
  const settings = readSettings(app.node.getAllContext());
  const names = namesOf(settings);
  const files = validCatalog({
    subscriptions: settings.subscriptions,
    eventTypes: settings.eventTypes,
    networks: settings.endpointNetworks,
    allowsUnsigned: secrets !== undefined,
  });
  const isSigned = ({ secret }: Subscription) => secret !== undefined && (secrets?.has(secret) ?? true);
  const catalog = { ...files, subscriptions: files.subscriptions.map((each) => (isSigned(each) ? each : { ...each, secret: undefined })) };
  if (settings.bus === 'kafka') refuseTooManyMappings(catalog);
  const declared = catalog.eventTypes.map(({ type, dataSchema, outsideProducers }) => ({ type, dataSchema, outsideProducers }));
  await bundle(bundles, settings.geoDatabase, declared, validCampaigns(settings.campaigns), table);
  // Within one process CDK remembers the assets of a path, but these bundles are new.
  AssetStaging.clearAssetHashCache();
  const bus = new BusStack(app, names.resource('bus'), { names, settings, catalog, bundles });
  const api = new ApiStack(app, names.resource('api'), { names, settings });
  const stacks = new Map<string, ServiceStack>();
  for (const service of table) {
    const stack = new ServiceStack(app, names.resource(service.name), { service, names, settings, bundles, catalog });
    // By name only, through SSM parameters: each stack deploys alone once the parameters exist.
    stack.addStackDependency(bus);
    if (service.api || service.schedule) stack.addStackDependency(api);
    stacks.set(service.name, stack);
  }
  const raised = [...raisedTopics(settings, catalog.subscriptions).keys()];
  for (const { name } of table.filter(({ bridge }) => bridge)) {
    // It raises the partitions of topics, which must be there before.
    for (const owner of raised.map((type) => stacks.get(ownerOf(type)))) if (owner) stacks.get(name)?.addStackDependency(owner);
  }
  if (settings.site) {
    const folder = join(dirname(bundles), 'pages');
    await bundlePages(folder, ['player']);
    new SiteStack(app, names.resource('site'), { names, settings, page: join(folder, 'player') }).addStackDependency(api);
  }
  const all = [bus, api, ...stacks.values()];
  const operations = new OperationsStack(app, names.resource('operations'), { names, settings, services: table, stacks: all });
  // It names their alarms, queues and logs, which CloudWatch wants to exist.
  for (const stack of all) operations.addStackDependency(stack);
  if (checks) {
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    explainFindings(app, names, settings, catalog.subscriptions);
  }
  return app;
}

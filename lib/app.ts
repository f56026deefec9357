import { App, type AppProps, AssetStaging, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundle } from './bundles.ts';
import { validCatalog } from './catalog.ts';
import { explainFindings } from './findings.ts';
import { namesOf } from './names.ts';
import { type Service, services } from './services.ts';
import { readSettings } from './settings.ts';
import { ApiStack } from './stacks/api.ts';
import { BusStack } from './stacks/bus.ts';
import { ServiceStack } from './stacks/service.ts';

export interface LoginwardAppProps {
  /** Folder that the bundles are written to. */
  readonly bundles: string;
  /** Properties of the CDK app: context, and where the assembly goes. */
  readonly app?: AppProps;
  readonly table?: readonly Service[];
  /** Whether cdk-nag checks the templates; a local run, which deploys nothing, does without. */
  readonly checks?: boolean;
  /** Whether a subscription may be without a secret, as in the local run. */
  readonly allowsUnsigned?: boolean;
}

/**
 * The whole app: the bus, the HTTP API, and a stack for each row of the table of services.
 *
 * @throws CatalogError when subscriptions or event types are not as they must be
 */
export async function loginwardApp({ bundles, app: props, table = services, checks = true, allowsUnsigned = false }: LoginwardAppProps): Promise<App> {
  const app = new App(props);
  const settings = readSettings(app.node.getAllContext());
  const names = namesOf(settings);
  const catalog = validCatalog({
    subscriptions: settings.subscriptions,
    eventTypes: settings.eventTypes,
    networks: settings.endpointNetworks,
    allowsUnsigned,
  });
  const declared = catalog.eventTypes.map(({ type, dataSchema, outsideProducers }) => ({ type, dataSchema, outsideProducers }));
  await bundle(bundles, settings.geoDatabase, declared, table);
  // Within one process CDK remembers the assets of a path, but these bundles are new.
  AssetStaging.clearAssetHashCache();
  const bus = new BusStack(app, names.resource('bus'), { names, eventTypes: catalog.eventTypes });
  const api = new ApiStack(app, names.resource('api'), { names, settings });
  for (const service of table) {
    const stack = new ServiceStack(app, names.resource(service.name), { service, names, settings, bundles, catalog });
    // By name only, through SSM parameters: each stack deploys alone once the parameters exist.
    stack.addStackDependency(bus);
    if (service.api) stack.addStackDependency(api);
  }
  if (checks) {
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    explainFindings(app, catalog.subscriptions);
  }
  return app;
}

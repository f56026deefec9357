import { dirname, join } from 'node:path';
import { type Authority, authorityOf } from '../../../local/aws/authority.ts';
import type { Model } from '../../../local/model.ts';
import { readModel } from '../../../local/template.ts';
import { audit, type CatalogFolders, catalogFolders, gameServer, matchEnded } from '../../support/catalog.ts';
import { synthesize, type Templates } from '../../support/templates.ts';

export type Bus = 'sns' | 'kafka';

/** A deployment with all that settings can switch on, as CloudFormation would make it. */
export interface Deployment {
  readonly bus: Bus;
  readonly templates: Templates;
  readonly model: Model;
  readonly authority: Authority;
  remove(): Promise<void>;
}

/** One whose replies go onto the bus, one that gets more at once than a topic has partitions, and one that gets what the company's own producers post. */
export const subscriptions = [
  gameServer,
  { ...audit, parallelism: 20 },
  { ...audit, name: 'matches', eventTypes: [matchEnded.type], secret: 'matches' },
];

/** What `synthesize` names a deployment. */
export const names = (owner: string): string => `loginward-dev-${owner}`;

export async function deploymentOn(bus: Bus): Promise<Deployment> {
  const files: CatalogFolders = await catalogFolders(Object.fromEntries(subscriptions.map((each) => [each.name, each])), { 'match-ended': matchEnded });
  const templates = await synthesize({ bus, site: true, subscriptions: files.subscriptions, eventTypes: files.eventTypes });
  await files.remove();
  const model = readModel(join(dirname(templates.bundles), 'cdk.out'), 'http://127.0.0.1:1', bus === 'kafka' ? '127.0.0.1:9092' : undefined);
  return { bus, templates, model, authority: authorityOf(model), remove: templates.remove };
}

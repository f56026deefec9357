import { basename } from 'node:path';
import { type Campaign, campaignFile } from '../lambdas/contracts/campaigns.ts';
import { type CatalogFinding, readFiles, refuseBadFiles } from './json-files.ts';

export interface CampaignReading {
  readonly campaigns: readonly Campaign[];
  /** What keeps them from being deployed. */
  readonly errors: readonly CatalogFinding[];
  /** What may be meant so. */
  readonly warnings: readonly CatalogFinding[];
}

/** Reads the password campaigns of some folders, and checks each for itself and all against each other. */
export function readCampaigns(folders: readonly string[]): CampaignReading {
  const errors: CatalogFinding[] = [];
  const warnings: CatalogFinding[] = [];
  const files = folders.flatMap((folder) => readFiles(folder, campaignFile, errors));
  const ids = new Set<string>();
  for (const { file, value } of files) {
    const { id, passwordOlderThan, from } = value;
    if (`${id}.json` !== basename(file)) errors.push({ file, field: '/id', problem: `must be the name of the file, ${basename(file, '.json')}` });
    if (ids.has(id)) errors.push({ file, field: '/id', problem: `${id} is there twice` });
    ids.add(id);
    if (Date.parse(passwordOlderThan) > Date.parse(from)) {
      warnings.push({ file, field: '/passwordOlderThan', problem: 'is after `from`: a password that is changed between the two still counts as old' });
    }
  }
  return { campaigns: files.map(({ value }) => value), errors, warnings };
}

/** @throws CatalogError that names each bad file and field */
export function validCampaigns(folders: readonly string[]): readonly Campaign[] {
  const { campaigns, errors } = readCampaigns(folders);
  refuseBadFiles('password campaigns', errors);
  return campaigns;
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Campaign } from '../contracts/campaigns.ts';
import { variables } from '../contracts/names.ts';
import { type Environment, required } from '../runtime/environment.ts';

/** The campaigns, whose file lies beside the bundle; they were checked before they were deployed. */
export const deployedCampaigns = async (env: Environment): Promise<Campaign[]> =>
  JSON.parse(await readFile(join(import.meta.dirname, required(env, variables.campaigns)), 'utf8')) as Campaign[];

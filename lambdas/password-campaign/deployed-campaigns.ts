import type { Campaign } from '../contracts/campaigns.ts';
import { variables } from '../contracts/names.ts';
import { jsonBeside } from '../runtime/beside.ts';
import type { Environment } from '../runtime/environment.ts';

/** The campaigns, whose file lies beside the bundle. */
export const deployedCampaigns = (env: Environment): Promise<Campaign[]> => jsonBeside(env, variables.campaigns);

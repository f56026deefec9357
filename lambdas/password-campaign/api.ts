import { variables } from '../contracts/names.ts';
import { required } from '../runtime/environment.ts';
import { httpFunction } from '../runtime/lambda-http.ts';
import { tablesClient } from '../runtime/tables.ts';
import { deployedCampaigns } from './deployed-campaigns.ts';
import { getCampaign, type Services } from './routes.ts';
import { readCounts } from './store.ts';

export const handler = httpFunction<Services>({
  service: 'password-campaign',
  routes: { 'GET /v1/campaigns/{id}': getCampaign },
  services: async (env) => {
    const tables = tablesClient();
    const table = required(env, variables.table('campaign-counts'));
    return { campaigns: await deployedCampaigns(env), counts: (campaignId) => readCounts(tables, table, campaignId) };
  },
});

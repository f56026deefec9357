import { describe, expect, it } from 'vitest';
import { campaignReport } from '../../lambdas/contracts/campaigns.ts';
import { getCampaign } from '../../lambdas/password-campaign/routes.ts';
import { newCampaign } from '../support/campaigns.ts';
import { client } from '../support/requests.ts';

describe('GET /v1/campaigns/{id}', () => {
  const route = 'GET /v1/campaigns/{id}';
  const campaign = newCampaign();
  const counts = (id: string) => Promise.resolve({ reached: id === campaign.id ? 3 : 0, prompted: 2, changed: 1 });
  const { call } = client({ [route]: getCampaign }, { campaigns: [campaign], counts });

  it('tells how many accounts were reached, asked, and have changed their password', async () => {
    const { status, body } = await call({ route, path: { id: campaign.id } });
    expect(status).toBe(200);
    expect(body).toEqual({ id: campaign.id, from: campaign.from, until: campaign.until, reached: 3, prompted: 2, changed: 1 });
    expect(campaignReport.parse(body)).toEqual(body);
  });

  it('does not know a campaign that is not deployed', async () => {
    expect(await call({ route, path: { id: 'another' } })).toMatchObject({ status: 404, body: { type: 'https://loginward.dev/problems/not-found', status: 404 } });
  });

  it('refuses a query parameter', async () => {
    expect(await call({ route, path: { id: campaign.id }, query: { limit: '1' } })).toMatchObject({ status: 400 });
  });
});

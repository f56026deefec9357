import type { Campaign, CampaignReport } from '../contracts/campaigns.ts';
import { noQuery, type Request, type Response } from '../runtime/http.ts';
import { ProblemError } from '../runtime/problems.ts';
import type { Counts } from './progress.ts';

/** What the routes of password-campaign depend on. */
export interface Services {
  readonly campaigns: readonly Campaign[];
  readonly counts: (campaignId: string) => Promise<Counts>;
}

/** `GET /v1/campaigns/{id}`: how far a campaign is, in numbers of accounts; 404 for one that is not deployed. */
export async function getCampaign(request: Request, { campaigns, counts }: Services): Promise<Response> {
  noQuery(request);
  const campaign = campaigns.find(({ id }) => id === request.path['id']);
  if (!campaign) throw new ProblemError('not-found', 'There is no campaign of this id.');
  const { id, from, until } = campaign;
  const body: CampaignReport = { id, from, until, ...(await counts(id)) };
  return { status: 200, body };
}

import type { Campaign } from '../contracts/campaigns.ts';

/** What is kept of an account goes so long after a campaign ended: far longer than a late login or a prolonged campaign could need it. */
const keptDays = 366;

/** Until when the accounts of a campaign are kept. */
export const keptUntil = ({ until }: Pick<Campaign, 'until'>): Date => new Date(Date.parse(until) + keptDays * 86_400_000);

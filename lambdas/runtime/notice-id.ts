import { hashId } from './ids.ts';

/** The clock hour of a moment, UTC: `2026-11-21T09`. */
export const hourOf = (moment: string): string => new Date(moment).toISOString().slice(0, 13);

/** Where a login came from, for notices that share an action: its country, or that it has none. */
export const placeOf = (country: string | null): string => country ?? 'unlocated';

/** The actionId that the notices of one account, channel, country and clock hour share. */
export const noticeId = (accountId: string, channel: string, country: string | null, occurredAt: string): string =>
  hashId(accountId, channel, placeOf(country), hourOf(occurredAt));

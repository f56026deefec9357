import type { ChannelName } from '../contracts/primitives.ts';
import { hashId } from './ids.ts';

/**
 * The actionId that the notices of one account, channel and country share in a clock hour (UTC) of `occurredAt`.
 *
 * @param country null when the login was not located
 */
export const noticeId = (accountId: string, channel: ChannelName, country: string | null, occurredAt: string): string =>
  hashId(accountId, channel, country ?? 'unlocated', new Date(occurredAt).toISOString().slice(0, 13));

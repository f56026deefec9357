import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod/mini';
import { accountId } from '../contracts/primitives.ts';

/** What a link in a notice lets its holder do: dispute this one login. */
export interface NotMeClaim {
  readonly accountId: string;
  readonly loginId: string;
}

/** How long such a link is good for, in days. */
export const linkDays = 7;

/** Account, login, and the epoch second at which it ends. */
const payload = z.tuple([accountId, z.uuid(), z.int()]);

/** A token that names one login of one account, signed (HMAC-SHA-256, 128 bits of it), for a link in a notice of that moment. */
export function notMeToken(secret: string, { accountId: account, loginId }: NotMeClaim, now: Date): string {
  const ends = Math.floor(now.getTime() / 1000) + linkDays * 86_400;
  const text = Buffer.from(JSON.stringify([account, loginId, ends])).toString('base64url');
  return `${text}.${macOf(secret, text).toString('base64url')}`;
}

/** What a token names; nothing when it is altered, of another secret, or over. */
export function readNotMeToken(secret: string, token: string, now: Date): NotMeClaim | undefined {
  const [text = '', mac = ''] = token.split('.');
  const given = Buffer.from(mac, 'base64url');
  const expected = macOf(secret, text);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const [account, loginId, ends] = payload.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  return now.getTime() < ends * 1000 ? { accountId: account, loginId } : undefined;
}

const macOf = (secret: string, text: string): Buffer => createHmac('sha256', secret).update(`not-me ${text}`).digest().subarray(0, 16);

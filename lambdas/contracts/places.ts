import { isIP } from 'node:net';
import codes from 'i18n-iso-countries/codes.json' with { type: 'json' };
import * as z from 'zod/mini';
import { lazily } from './lazily.ts';

/** An IPv4 or IPv6 address in its canonical spellings, without a zone; v4-mapped IPv6 is one too. */
export const address = z
  .string()
  .check(z.maxLength(45), z.refine((text) => isIP(text) !== 0 && !text.includes('%'), 'must be an IPv4 or IPv6 address'));

/** ISO 3166-1 alpha-2, as the player and the deployment may choose it; XK, which geo databases use for Kosovo, too. */
export const country = lazily(() => z.enum(codes.map(([alpha2]) => alpha2) as [string, ...string[]], { error: 'must be an ISO 3166-1 alpha-2 country' }));

import * as z from 'zod/mini';
import { freeText, instant, owner } from './primitives.ts';

const message = freeText(1, 500);

/** `campaigns/<id>.json`: players whose password is old are asked to choose a new one. */
export const campaignFile = z
  .strictObject({
    $schema: z.optional(z.string()),
    id: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,23}$/, 'must be 1 to 24 of a-z 0-9 - and begin with a letter')),
    owner,
    passwordOlderThan: z.clone(instant),
    message: z.strictObject({ ko: message, en: message }),
    response: z.enum(['player_message', 'email']),
    everyDays: z.int().check(z.minimum(1), z.maximum(365)),
    from: z.clone(instant),
    until: z.clone(instant),
  })
  .check(z.refine(({ from, until }) => Date.parse(from) < Date.parse(until), { path: ['until'], error: 'must be after `from`' }));

/** A password campaign. */
export type Campaign = z.infer<typeof campaignFile>;

const accounts = z.int().check(z.minimum(0));

/** How far a campaign is, in numbers of accounts. */
export const campaignReport = z.object({
  id: z.string(),
  from: instant,
  until: instant,
  /** Accounts that logged in with an old password while the campaign ran. */
  reached: accounts,
  /** Of those, how many were asked at least once. */
  prompted: accounts,
  /** Of those that were reached, how many have changed their password. */
  changed: accounts,
});
export type CampaignReport = z.infer<typeof campaignReport>;

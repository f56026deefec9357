import * as z from 'zod';
import { freeText, instant, owner } from './primitives.ts';

const message = freeText(1, 500);

/** `campaigns/<id>.json`: players whose password is old are asked to choose a new one. */
export const campaignFile = z
  .strictObject({
    $schema: z.string().optional(),
    id: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,23}$/, 'must be 1 to 24 of a-z 0-9 - and begin with a letter')
      .meta({ description: 'Also the name of the file. Who was asked and who was counted belong to the id.', examples: ['spring-2027'] }),
    owner,
    passwordOlderThan: instant.meta({ description: 'Asked is who has not changed the password at this moment or later.' }),
    message: z
      .strictObject({ ko: message, en: message })
      .meta({ description: 'What the player is told, in the languages that players read.' }),
    response: z.enum(['player_message', 'email']).meta({ description: 'How the player is told.' }),
    everyDays: z.int().min(1).max(365).meta({ description: 'A player is asked at most once in so many days.' }),
    from: instant.meta({ description: 'Logins from this moment on count.' }),
    until: instant.meta({ description: 'Logins from this moment on do not count any more.' }),
  })
  .refine(({ from, until }) => Date.parse(from) < Date.parse(until), { path: ['until'], error: 'must be after `from`' })
  .meta({ id: 'Campaign', title: 'A password campaign' });

/** A password campaign. */
export type Campaign = z.infer<typeof campaignFile>;

const accounts = z.int().min(0);

/** How far a campaign is, in numbers of accounts. */
export const campaignReport = z
  .object({
    id: z.string(),
    from: instant,
    until: instant,
    /** Accounts that logged in with an old password while the campaign ran. */
    reached: accounts,
    /** Of those, how many were asked at least once. */
    prompted: accounts,
    /** Of those that were reached, how many have changed their password. */
    changed: accounts,
  })
  .meta({ id: 'CampaignReport' });
export type CampaignReport = z.infer<typeof campaignReport>;

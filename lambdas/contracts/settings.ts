import { z } from 'zod';
import { country, type Response, response, trigger } from './primitives.ts';

const responses = z
  .array(response)
  .min(1)
  .max(7)
  .refine((list) => new Set(list).size === list.length, 'names a response twice')
  .refine((list) => !list.includes('none') || list.length === 1, '`none` stands alone')
  .meta({ description: 'What happens when the trigger holds; `none` stands alone.' });

const withoutBlock = responses.refine(
  (list) => !list.includes('block_abroad'),
  '`block_abroad` stands only under login_abroad',
);

/** What happens for each trigger. */
export const responsesByTrigger = z.strictObject({
  login_abroad: responses,
  new_country: withoutBlock,
  unlocated: withoutBlock,
});

/** What a player chose; `PUT` replaces it whole. */
export const securitySettings = z
  .strictObject({
    homeCountries: z
      .array(country)
      .min(1)
      .max(20)
      .refine((list) => new Set(list).size === list.length, 'names a country twice'),
    responses: responsesByTrigger,
  })
  .meta({ id: 'SecuritySettings' });

export type SecuritySettings = z.infer<typeof securitySettings>;

/** The responses of an account that chose nothing. */
export const defaultResponses: SecuritySettings['responses'] = {
  login_abroad: ['email'],
  new_country: ['email'],
  unlocated: ['none'],
};

/** A version of an account's settings. Version 0 is the deployment's default, in force since always. */
export interface SettingsVersion extends SecuritySettings {
  version: number;
  /** Server time from which it is in force, RFC 3339. */
  since: string;
}

export const triggers = trigger.options;
export type ResponsesByTrigger = Record<(typeof triggers)[number], Response[]>;

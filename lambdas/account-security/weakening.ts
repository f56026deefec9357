import type { Response } from '../contracts/primitives.ts';
import { chosenTriggers, type SecuritySettings } from '../contracts/settings.ts';

/** What protects at least as well as each response; a response that is replaced by none of these was weakened. */
const coveredBy: Readonly<Record<Response, readonly Response[]>> = {
  none: [],
  player_message: ['player_message', 'email', 'sms'],
  email: ['email', 'sms'],
  sms: ['sms', 'email'],
  kick: ['kick', 'block_abroad'],
  block_abroad: ['block_abroad'],
  lock: ['lock'],
};

/** The fields of new settings that weaken protection: a new home country, or a milder response; as JSON pointers. */
export function weakened(before: SecuritySettings, after: SecuritySettings): string[] {
  const newHome = after.homeCountries.some((country) => !before.homeCountries.includes(country));
  const milder = chosenTriggers.filter((trigger) =>
    before.responses[trigger].some(
      (response) => response !== 'none' && !coveredBy[response].some((cover) => after.responses[trigger].includes(cover)),
    ),
  );
  return [...(newHome ? ['#/homeCountries'] : []), ...milder.map((trigger) => `#/responses/${trigger}`)];
}

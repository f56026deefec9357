import type { Event } from '../contracts/events.ts';
import type { LocatedLogin } from '../contracts/verdict.ts';
import type { Draft } from '../runtime/drafts.ts';
import { publicAddress } from './address.ts';
import type { GeoDatabase } from './geo-database.ts';

/** What the ip-checker depends on. */
export interface Services {
  readonly geoDatabase: GeoDatabase;
}

/** Finds the country of the address of a login. */
export function locate({ data }: Event<'login.submitted'>, { geoDatabase }: Services): Draft<'login.located'> {
  return { name: 'login.located', data: { ...data, ...countryOf(data.ip, geoDatabase), geoDatabase: geoDatabase.identity } };
}

function countryOf(ip: string, geoDatabase: GeoDatabase): Pick<LocatedLogin, 'country' | 'unlocatedReason'> {
  const found = publicAddress(ip);
  if ('reason' in found) return { country: null, unlocatedReason: found.reason };
  const country = geoDatabase.countryOf(found.address);
  if (typeof country === 'string') return { country };
  return { country: null, unlocatedReason: country === null ? 'no_country' : 'not_in_database' };
}

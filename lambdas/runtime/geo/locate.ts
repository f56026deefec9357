import type { LocatedLogin } from '../../contracts/verdict.ts';
import { publicAddress } from './address.ts';
import type { GeoDatabase } from './geo-database.ts';

/** The country of an address, or why it has none. */
export function locate(ip: string, geoDatabase: Pick<GeoDatabase, 'countryOf'>): Pick<LocatedLogin, 'country' | 'unlocatedReason'> {
  const found = publicAddress(ip);
  if ('reason' in found) return { country: null, unlocatedReason: found.reason };
  const country = geoDatabase.countryOf(found.address);
  if (typeof country === 'string') return { country };
  return { country: null, unlocatedReason: country === null ? 'no_country' : 'not_in_database' };
}

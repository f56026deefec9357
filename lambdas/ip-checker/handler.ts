import type { Event } from '../contracts/events.ts';
import type { Draft } from '../runtime/drafts.ts';
import type { GeoDatabase } from '../runtime/geo/geo-database.ts';
import { locate as countryOf } from '../runtime/geo/locate.ts';

/** What the ip-checker depends on. */
export interface Services {
  readonly geoDatabase: GeoDatabase;
}

/** How old the geo database is, in seconds: an old one takes players at home for players abroad. */
export const geoDatabaseAge = ({ geoDatabase }: Services, now: Date): { GeoDatabaseAge: number } => ({
  GeoDatabaseAge: (now.getTime() - Date.parse(geoDatabase.identity.buildDate)) / 1000,
});

/** Finds the country of the address of a login. */
export function locate({ data }: Event<'login.submitted'>, { geoDatabase }: Services): Draft<'login.located'> {
  return { name: 'login.located', data: { ...data, ...countryOf(data.ip, geoDatabase), geoDatabase: geoDatabase.identity } };
}

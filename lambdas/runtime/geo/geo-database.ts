import { type CountryResponse, open } from 'maxmind';
import type { LocatedLogin } from '../../contracts/verdict.ts';

/** Countries of addresses, from one file. */
export interface GeoDatabase {
  readonly identity: LocatedLogin['geoDatabase'];
  /** @returns ISO 3166-1 alpha-2; null when the record has no country; nothing when there is no record */
  countryOf(address: string): string | null | undefined;
}

/** The two record shapes: MaxMind's own, and the flat one of ip-location-db. */
type GeoRecord = Pick<CountryResponse, 'country'> & { readonly country_code?: string };

/** Opens a database in MaxMind's format; the whole file is read into memory. */
export async function openGeoDatabase(file: string, name: string): Promise<GeoDatabase> {
  const reader = await open<GeoRecord>(file);
  return {
    identity: { name, buildDate: reader.metadata.buildEpoch.toISOString() },
    countryOf: (address) => {
      const record: GeoRecord | null = reader.get(address);
      if (!record) return undefined;
      const code = record.country?.iso_code ?? record.country_code;
      return code !== undefined && /^[A-Z]{2}$/.test(code) ? code : null;
    },
  };
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GeoDatabase, openGeoDatabase } from '../../lambdas/runtime/geo/geo-database.ts';
import { geoDatabaseAge, locate } from '../../lambdas/ip-checker/handler.ts';
import { loginIdOf } from '../../lambdas/runtime/ids.ts';
import { eventOf } from '../support/logins.ts';
import { writeMmdb } from '../support/mmdb.ts';

const built = new Date('2026-10-01T00:00:00.000Z');
let folder: string;
let geoDatabase: GeoDatabase;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loginward-geo-'));
  const file = join(folder, 'test.mmdb');
  await writeFile(
    file,
    writeMmdb(
      {
        '1.1.0.0/16': { country_code: 'AU' },
        '8.8.8.0/24': { country: { iso_code: 'US', names: { en: 'United States' } }, registered_country: { iso_code: 'CA' } },
        '9.9.9.0/24': { registered_country: { iso_code: 'CH' } },
        '7.7.7.0/24': { country_code: '' },
        '2a00:1450::/32': { country: { iso_code: 'IE' } },
      },
      built.getTime() / 1000,
    ),
  );
  geoDatabase = await openGeoDatabase(file, 'test.mmdb 1');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const occurredAt = new Date('2026-11-21T00:00:00Z');
const loginId = loginIdOf({ accountId: 'ann', id: '1', occurredAt }, () => new Uint8Array(16));
const located = (ip: string) => {
  const data = { loginId, ip, occurredAt: occurredAt.toISOString(), outcome: 'success' as const };
  const { country, unlocatedReason, geoDatabase: identity } = locate(eventOf('login.submitted', 'ann', data), { geoDatabase }).data;
  return { country, unlocatedReason, identity };
};

it('tells how old the geo database is, in seconds', () => {
  expect(geoDatabaseAge({ geoDatabase }, new Date(built.getTime() + 86_400_000))).toEqual({ GeoDatabaseAge: 86_400 });
});

describe('the country of an address', () => {
  it.each([
    ['1.1.2.3', 'AU'],
    ['8.8.8.8', 'US'],
    ['::ffff:8.8.8.8', 'US'],
    ['::ffff:808:808', 'US'],
    ['2a00:1450:4001::1', 'IE'],
  ])('%s is %s, in both shapes of a record', (ip, country) => {
    expect(located(ip)).toMatchObject({ country, unlocatedReason: undefined });
  });

  it.each([
    ['9.9.9.9', 'no_country'],
    ['7.7.7.7', 'no_country'],
    ['5.5.5.5', 'not_in_database'],
    ['2a00:1451::1', 'not_in_database'],
    ['10.1.2.3', 'private'],
    ['::ffff:192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fe80::1', 'private'],
    ['127.0.0.1', 'private'],
    ['224.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['::', 'reserved'],
    ['203.0.113.9', 'documentation'],
    ['2001:db8::1', 'documentation'],
  ])('%s has none: %s, whatever its registered country', (ip, unlocatedReason) => {
    expect(located(ip)).toMatchObject({ country: null, unlocatedReason });
  });

  it('travels with the name and the build date of the database', () => {
    expect(located('8.8.8.8').identity).toEqual({ name: 'test.mmdb 1', buildDate: built.toISOString() });
  });
});

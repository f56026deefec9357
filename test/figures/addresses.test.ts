import { afterAll, beforeAll, expect, it } from 'vitest';
import { openGeoDatabase } from '../../lambdas/runtime/geo/geo-database.ts';
import { knownAddresses } from '../../local/sample/addresses.ts';
import { randomOf } from '../../local/sample/random.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { wholeHistory } from '../support/whole-history.ts';
import { chunks } from '../support/work.ts';

let chain: LocalChain;
beforeAll(async () => {
  chain = await startLocalChain();
});
afterAll(() => chain.remove());

it('chain: the history has the country that a direct look-up finds, for 2,000 real public addresses', async () => {
  const geoDatabase = await openGeoDatabase(chain.local.geoDatabaseFile, 'direct');
  const random = randomOf(7);
  const known = ([4, 6] as const).flatMap((family) =>
    knownAddresses((ip) => geoDatabase.countryOf(ip), random, family)
      .take(1000)
      .toArray(),
  );
  const occurredAt = new Date(Date.now() - 60_000).toISOString();
  const logins = known.map(({ ip }, index) => ({ accountId: `address-${index % 100}`, ip, id: `${index}`, occurredAt }));
  for (const body of chunks(logins, 100)) expect((await chain.api.signed('/v1/logins', { body })).status).toBe(202);
  await chain.settled();

  const found = new Map<string, string | null>();
  for (let account = 0; account < 100; account += 1) {
    for (const { ip, country } of await wholeHistory(chain.api, `address-${account}`)) found.set(ip, country);
  }
  const equal = known.filter(({ ip, country }) => found.get(ip) === country);
  const countries = new Set(known.map(({ country }) => country));
  console.log(`chain: ${equal.length} of ${known.length} addresses of ${countries.size} countries equal to a direct look-up`);
  expect(equal.length).toBe(2000);
});

import { publicAddress } from '../../lambdas/runtime/geo/address.ts';
import type { Random } from './random.ts';

/** Finds the country of an address; null or nothing when it has none. */
export type CountryOf = (address: string) => string | null | undefined;

/** IPv6 blocks that the five registries give out of. */
const registries = [0x2001, 0x2400, 0x2600, 0x2800, 0x2a00, 0x2c00];

/** Random public addresses that a geo database knows, with the country that it names. */
export function* knownAddresses(countryOf: CountryOf, random: Random, family: 4 | 6): Generator<{ ip: string; country: string }> {
  for (;;) {
    const ip = family === 4 ? ipv4(random) : ipv6(random);
    const found = publicAddress(ip);
    const country = 'address' in found ? countryOf(found.address) : undefined;
    if (typeof country === 'string') yield { ip, country };
  }
}

const ipv4 = (random: Random): string => Array.from({ length: 4 }, () => random.below(256)).join('.');

function ipv6(random: Random): string {
  const registry = random.of(registries);
  const block = registry === 0x2001 ? registry : registry + random.below(16);
  return [block, random.below(0x4000), random.below(0x10000), 0, 0, 0, 0, 1 + random.below(0xffff)].map((part) => part.toString(16)).join(':');
}

import { BlockList, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** IANA has given out no other IPv6 unicast addresses (RFC 4291, 2.4). */
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** Whether endpoints may be reached at an address. */
export interface Guard {
  allows(address: string): boolean;
  /** Whether it is a loopback address that the deployment lists: only there plain http may be spoken. */
  allowsPlain(address: string): boolean;
}

/**
 * Endpoints lie at public unicast addresses, so that no subscription reaches the deployment's own network or its metadata.
 *
 * @param networks private networks that the deployment lists, in CIDR notation
 */
export function addressGuard(networks: readonly string[]): Guard {
  const listed = networks.map((network) => ipaddr.parseCIDR(network));
  const isListed = (address: ipaddr.IPv4 | ipaddr.IPv6) => listed.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
  return {
    allows: (text) => {
      if (isIP(text) === 0) return false;
      // v4-mapped IPv6 is the IPv4 address that the kernel would dial.
      const address = ipaddr.process(text);
      return isListed(address) || isPublic(address);
    },
    allowsPlain: (text) => {
      if (isIP(text) === 0) return false;
      const address = ipaddr.process(text);
      return address.range() === 'loopback' && isListed(address);
    },
  };
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  // ipaddr.js has a name for every special-purpose range (RFC 6890), 6to4, NAT64 and Teredo among them; what is left is unicast.
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || globalUnicast.check(address.toString(), 'ipv6'));
}

/** A host of a URL as an address, or nothing for a name: `[::1]` is `::1`. */
export function literalOf(hostname: string): string | undefined {
  const text = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(text) === 0 ? undefined : text;
}

import { BlockList } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { UnlocatedReason } from '../../contracts/primitives.ts';

/** RFC 5737, RFC 3849 and RFC 9637: addresses of examples, which no login can come from. */
const documentation = new BlockList();
documentation.addSubnet('192.0.2.0', 24);
documentation.addSubnet('198.51.100.0', 24);
documentation.addSubnet('203.0.113.0', 24);
documentation.addSubnet('2001:db8::', 32, 'ipv6');
documentation.addSubnet('3fff::', 20, 'ipv6');

/** Ranges (as ipaddr.js names them) inside one network. */
const privateRanges = new Set(['private', 'uniqueLocal', 'loopback', 'linkLocal', 'carrierGradeNat']);

/** Ranges that the public Internet routes: what is left, IANA has reserved. */
const publicRanges = new Set(['unicast', '6to4', 'teredo', 'rfc6052', 'rfc6145', 'as112', 'as112v6', 'amt']);

/**
 * An address as a geo database must be asked for it, v4-mapped IPv6 unwrapped, or why it can have no country.
 *
 * @param text a valid IPv4 or IPv6 address
 */
export function publicAddress(text: string): { address: string } | { reason: UnlocatedReason } {
  const parsed = ipaddr.process(text);
  const address = parsed.toString();
  if (documentation.check(address, parsed.kind())) return { reason: 'documentation' };
  const range = parsed.range();
  if (publicRanges.has(range)) return { address };
  return { reason: privateRanges.has(range) ? 'private' : 'reserved' };
}

import ipaddr from 'ipaddr.js';
import { sha256 } from './codes.ts';

/** Bytes of an IPv6 address that name the network: one subscriber has at least a /64 to himself. */
const networkBytes = 8;

/** The digest of the network of an address: of an IPv4 address itself, v4-mapped IPv6 unwrapped, and of an IPv6 address its /64. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return sha256('network', address);
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray();
  return sha256('network', parsed.kind(), (parsed.kind() === 'ipv4' ? bytes : bytes.slice(0, networkBytes)).join('.'));
}

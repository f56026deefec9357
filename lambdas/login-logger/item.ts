import { isIPv4 } from 'node:net';
import { parse, stringify, validate } from 'uuid';
import { type LocatedLogin, locatedLoginData } from '../contracts/verdict.ts';
import { momentOfLoginId } from '../runtime/ids.ts';
import { expiryOf, type Item } from '../runtime/tables.ts';
import type { DisputedLogin } from './history.ts';

/**
 * A login as an item of the table `login-history`. This is the one place that knows the format.
 *
 * DynamoDB bills each byte of names and values for the 90 days of the history and in its backups: at ten million logins a day one byte more in each item is $5 a year.
 * So names are short, nothing is kept twice, and what is usual is left out. A value that is not in its usual spelling is kept as the text that it is: what is read is
 * what was written.
 *
 * | attribute | what | kept as |
 * |---|---|---|
 * | `accountId`, `entry` | the key; `entry` ends with the loginId | |
 * | `expiresAt` | when DynamoDB may drop it | epoch seconds |
 * | `ip` | the address; only logins have it | 4 bytes for IPv4, or text |
 * | `t` | `occurredAt` | left out when it is the moment of the loginId, as UTC with milliseconds |
 * | `o` | `outcome` | left out for `success` |
 * | `c`, `r` | `country`, or `unlocatedReason` | left out when there is none |
 * | `g`, `b` | name of the geo database, and when it was built | text, and epoch milliseconds or text |
 * | `p` | `product` | text |
 * | `s`, `d` | `sessionId`, and the device's `id` | 16 bytes for a UUID, or text |
 * | `u` | the device's user agent | text; null for a device of which nothing is known |
 */
export const itemOf = (accountId: string, entry: string, login: LocatedLogin): Item => ({
  accountId,
  entry,
  expiresAt: expiryOf(login.occurredAt),
  ip: packedAddress(login.ip),
  t: login.occurredAt === usualMoment(momentOfLoginId(login.loginId)) ? undefined : login.occurredAt,
  [attributes.outcome]: login.outcome === 'success' ? undefined : login.outcome,
  [attributes.country]: login.country ?? undefined,
  r: login.unlocatedReason,
  g: login.geoDatabase.name,
  b: packedMoment(login.geoDatabase.buildDate),
  p: login.product,
  s: packedId(login.sessionId),
  d: packedId(login.device?.id),
  u: login.device?.userAgent ?? (login.device && login.device.id === undefined ? null : undefined),
});

/** Attributes that filters of the table's reader and searches ask for. */
export const attributes = { address: 'ip', country: 'c', outcome: 'o' } as const;

/** The login of an item; nothing when it is an item of another kind. */
export function loginOf(item: Item | undefined): LocatedLogin | undefined {
  if (item?.[attributes.address] === undefined) return undefined;
  const loginId = String(item['entry']).slice(-loginIdLength);
  const { d, u } = item;
  const login = {
    loginId,
    ip: unpackedAddress(item[attributes.address]),
    occurredAt: item['t'] ?? usualMoment(momentOfLoginId(loginId)),
    outcome: item[attributes.outcome] ?? 'success',
    country: item[attributes.country] ?? null,
    unlocatedReason: item['r'],
    geoDatabase: { name: item['g'], buildDate: unpackedMoment(item['b']) },
    product: item['p'],
    sessionId: unpackedId(item['s']),
    device: d === undefined && u === undefined ? undefined : { id: unpackedId(d), userAgent: u ?? undefined },
  };
  return locatedLoginData().parse(withoutUndefined(login));
}

/** A login of the history, and when its player disputed it; nothing when it is an item of another kind. */
export function standingLoginOf(item: Item | undefined): (LocatedLogin & DisputedLogin) | undefined {
  const login = loginOf(item);
  const disputedAt = item?.['disputedAt'] as string | undefined;
  return login && { ...login, ...(disputedAt !== undefined && { disputedAt }) };
}

const loginIdLength = 36;

const usualMoment = (milliseconds: number): string => new Date(milliseconds).toISOString();

function packedMoment(moment: string): number | string {
  const milliseconds = Date.parse(moment);
  return usualMoment(milliseconds) === moment ? milliseconds : moment;
}
const unpackedMoment = (packed: unknown): unknown => (typeof packed === 'number' ? usualMoment(packed) : packed);

/** Node takes an IPv4 address in one spelling only. */
const packedAddress = (ip: string): Uint8Array | string => (isIPv4(ip) ? Uint8Array.from(ip.split('.'), Number) : ip);
const unpackedAddress = (packed: unknown): unknown => (packed instanceof Uint8Array ? packed.join('.') : packed);

const packedId = (id: string | undefined): Uint8Array | string | undefined => (id !== undefined && validate(id) && stringify(parse(id)) === id ? parse(id) : id);
const unpackedId = (packed: unknown): unknown => (packed instanceof Uint8Array ? stringify(packed) : packed);

/** A device without an id has none, rather than one that is undefined. */
const withoutUndefined = <T extends object>(value: T): object =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([name, each]) => [name, name === 'device' ? withoutUndefined(each as object) : each]),
  );

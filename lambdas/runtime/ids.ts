import { createHash } from 'node:crypto';
import { v5, v7 } from 'uuid';
import type { EventName } from '../contracts/names.ts';

/** Name space of the ids of derived events (RFC 9562, UUIDv5). */
const derivedEvents = '5e0f9c1a-6f0e-5d0b-8a5e-3b1f5a4f7c21';

/**
 * The id of an event that follows from another: a function of the parent's id, the type, and what else tells siblings apart
 * (response, revision, index), so that a redelivery gives the same ids.
 */
export const derivedId = (parentId: string, name: EventName, sibling = ''): string =>
  v5(`${parentId}\n${name}\n${sibling}`, derivedEvents);

/**
 * The id of the event that an endpoint's reply becomes: the same each time the event is delivered, whatever id the endpoint gave. Of an
 * event from outside only source and id together are its own (CloudEvents 1.0).
 */
export const derivedIdOfReply = (event: { source: string; id: string; type: string }, type: string, subscription: string, index: number): string =>
  v5([event.source, event.type, event.id, type, subscription, index].join('\n'), derivedEvents);

/**
 * The id of a login: a UUIDv7 of the moment it occurred. When the caller gave an `id`, the random bits are a hash of account, id
 * and moment, which together identify a login, so that posting it again gives the same loginId.
 *
 * @param random 16 random bytes, for a login that came without an id
 */
export function loginIdOf(login: { accountId: string; id?: string | undefined; occurredAt: Date }, random: () => Uint8Array): string {
  const bits = login.id === undefined ? random() : hash(login.accountId, login.id, login.occurredAt.toISOString());
  return v7({ msecs: login.occurredAt.getTime(), random: bits });
}

/** The smallest loginId-like key of a moment: all logins from then on sort behind it. */
export const firstLoginIdOf = (moment: Date): string => v7({ msecs: moment.getTime(), random: new Uint8Array(16), seq: 0 });

/** The moment of a loginId, in epoch milliseconds: the first 48 bits of a UUIDv7 (RFC 9562). */
export const momentOfLoginId = (loginId: string): number => Number.parseInt(loginId.slice(0, 8) + loginId.slice(9, 13), 16);

/** A short id for what is one thing however often it is asked for: 22 characters of base64url over a SHA-256 of the parts. */
export function hashId(...parts: string[]): string {
  return hash(...parts).subarray(0, 16).toString('base64url');
}

const hash = (...parts: string[]): Buffer => createHash('sha256').update(parts.join('\0')).digest();

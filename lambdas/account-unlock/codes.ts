import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What a code is made of: no character that is read for another (I and 1, L and 1, O and 0). */
export const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
/** 31 to the power of 8 is 40 bits. */
export const codeLength = 8;

/** A whole number from 0 to below a bound, each equally likely. */
export type RandomInt = (below: number) => number;

/** A new one-time code. */
export const newCode = (randomInt: RandomInt): string =>
  Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]).join('');

/** A code as people type it: in lower case, with spaces and hyphens. */
export const normalised = (code: string): string => code.toUpperCase().replaceAll(/[\s-]/g, '');

/** The key under which a challenge is kept; it does not lead back to the challengeId. */
export const challengeOf = (challengeId: string): string => sha256('challenge', challengeId);

/** What the digest of a challenge's code is keyed with. It is kept nowhere, so that a copy of the table does not help to find codes. */
export const codeKeyOf = (challengeId: string): string => sha256('code', challengeId);

/** The digest of a code, under which it can be compared but not found. */
export const codeDigestOf = (codeKey: string, code: string): string => createHmac('sha256', codeKey).update(code).digest('base64url');

/** What is compared with when there is no challenge: nothing has this digest. */
const noDigest = Buffer.alloc(32);

/** Whether two digests are the same, in a time that does not depend on how much of them is, nor on whether one is there at all. */
export function isSameDigest(given: string, kept: string | undefined): boolean {
  const expected = kept === undefined ? noDigest : Buffer.from(kept, 'base64url');
  return timingSafeEqual(Buffer.from(given, 'base64url'), expected) && kept !== undefined;
}

/** SHA-256 in base64url. */
export const sha256 = (...parts: string[]): string => createHash('sha256').update(parts.join('\0')).digest('base64url');

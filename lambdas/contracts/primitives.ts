import * as z from 'zod/mini';

/** An account of the game: 1 to 128 of `A-Za-z0-9._:@+-`. */
export const accountId = z.string().check(z.regex(/^[A-Za-z0-9._:@+-]{1,128}$/, 'must be 1 to 128 of A-Z a-z 0-9 . _ : @ + -'));

/** A text without what cannot travel: halves of a surrogate pair, and the noncharacters that SQS refuses, become U+FFFD. */
export const travelling = (text: string): string => text.toWellFormed().replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD');

/** Text that somebody chose freely. It is mended rather than refused, so that nobody keeps a login from being judged by the name of a device. */
export const freeText = (minimum: number, maximum: number) => z.string().check(z.minLength(minimum), z.maxLength(maximum), z.overwrite(travelling));

/** A name that the caller chose: an id, a product, a session; 1 to 128 characters. */
export const label = freeText(1, 128);

/** A moment as RFC 3339 with seconds and offset. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 date and time with offset, such as 2026-11-21T09:30:00+09:00' })
  .check(z.regex(/T\d\d:\d\d:\d\d/, 'must have seconds'));

/** A country as a geo database names it: two letters, which may lie outside ISO 3166-1. */
export const locatedCountry = z.string().check(z.regex(/^[A-Z]{2}$/));

/** What came of a login. */
export const outcome = z.enum(['success', 'failure', 'denied']);
export type Outcome = z.infer<typeof outcome>;

/** Why a login deserves a response. */
export const trigger = z.enum(['login_abroad', 'new_country', 'unlocated', 'disputed']);
export type Trigger = z.infer<typeof trigger>;

/** What a player may choose for a trigger. */
export const response = z.enum(['none', 'sms', 'email', 'player_message', 'kick', 'block_abroad', 'lock']);
export type Response = z.infer<typeof response>;

/** Players whose language is not known read Korean; whose time zone is not known, Korean time. */
export const defaultLocale: Locale = 'ko';
export const defaultTimeZone = 'Asia/Seoul';

/** How a player can be reached outside the game. */
export const channel = z.enum(['email', 'sms']);
export type ChannelName = z.infer<typeof channel>;

/** Why an address has no country. */
export const unlocatedReason = z.enum(['private', 'reserved', 'documentation', 'not_in_database', 'no_country']);
export type UnlocatedReason = z.infer<typeof unlocatedReason>;

/** The device that a login came from, as the game knows it. */
export const device = z.strictObject({ id: z.optional(label), userAgent: z.optional(freeText(1, 512)) });

/** The language that a player reads. */
export const locale = z.enum(['ko', 'en']);
export type Locale = z.infer<typeof locale>;

/** The same words in the languages that players read. */
export const text = z.object({ ko: z.string(), en: z.string() });
export type Text = z.infer<typeof text>;

/** The longest `owner`: a team, as people know it. */
export const owner = z.string().check(z.minLength(1), z.maxLength(64));

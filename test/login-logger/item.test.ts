import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LocatedLogin, locatedLoginData } from '../../lambdas/contracts/verdict.ts';
import { itemOf, loginOf } from '../../lambdas/login-logger/item.ts';
import { keys } from '../../lambdas/login-logger/keys.ts';
import { loginIdOf } from '../../lambdas/runtime/ids.ts';
import { geoDatabase, locatedLogin } from '../support/logins.ts';

/** Ids as games choose them: UUIDs in either case, or anything. */
const id = fc.oneof(
  fc.uuid(),
  fc.uuid().map((text) => text.toUpperCase()),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const utc = fc.date({ min: new Date('2026-01-01T00:00:00Z'), max: new Date('2030-01-01T00:00:00Z'), noInvalidDate: true });
/** A moment as the publisher writes it, and in other spellings of RFC 3339. */
const spelt = (moment: Date) => fc.constantFrom(moment.toISOString(), moment.toISOString().replace('Z', '+00:00'), moment.toISOString().replace('Z', '000Z'));

/** Any login that an event may bring. */
const logins: fc.Arbitrary<LocatedLogin> = utc
  .chain((moment) =>
    fc.record({
      loginId: fc.oneof({ weight: 4, arbitrary: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => loginIdOf({ accountId: 'a', occurredAt: moment }, () => bytes)) }, fc.uuid()),
      ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4().map((text) => `::ffff:${text}`)),
      occurredAt: spelt(moment),
      outcome: fc.constantFrom('success' as const, 'failure' as const, 'denied' as const),
      product: optional(id),
      sessionId: optional(id),
      device: optional(fc.record({ id, userAgent: fc.string({ maxLength: 80 }) }, { requiredKeys: [] })),
      country: fc.option(fc.constantFrom('KR', 'US', 'XK')),
      unlocatedReason: optional(fc.constantFrom('private' as const, 'not_in_database' as const)),
      geoDatabase: fc.record({ name: fc.string({ minLength: 1, maxLength: 40 }), buildDate: utc.chain(spelt) }),
    }),
  )
  .map((login) => locatedLoginData().parse(JSON.parse(JSON.stringify(login))));

describe('the item of a login', () => {
  it('gives back any login as it was, through DynamoDB’s own types', () => {
    fc.assert(
      fc.property(logins, (login) => {
        for (const entry of [login.loginId, keys.country('KR', login.loginId)]) {
          const stored = unmarshall(marshall(itemOf('player-7', entry, login), { removeUndefinedValues: true }));
          expect(loginOf(stored)).toStrictEqual(login);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('says nothing twice: of a plain login it keeps key, expiry, address, country and geo database', () => {
    const login = locatedLogin('player-7', '1', new Date('2026-11-21T09:30:00.123Z'));
    expect(JSON.parse(JSON.stringify(itemOf('player-7', login.loginId, login)))).toEqual({
      accountId: 'player-7',
      entry: login.loginId,
      expiresAt: Date.parse('2027-02-20T09:30:00Z') / 1000,
      ip: { 0: 8, 1: 8, 2: 8, 3: 8 },
      c: 'US',
      g: geoDatabase.name,
      b: Date.parse(geoDatabase.buildDate),
    });
  });

  it('is none of a flood’s row, an account’s, or none at all', () => {
    for (const item of [undefined, {}, { accountId: 'player-7', entry: keys.flood('2026-11-21T09:30:00Z'), ownRows: new Set(['x']) }]) expect(loginOf(item)).toBeUndefined();
  });
});

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { LocatedLogin } from '../../lambdas/contracts/verdict.ts';
import { loginIdOf } from '../../lambdas/runtime/ids.ts';

export const typicalAccount = 'player-1234567';

/** A login with all that a login server may post, as long as it usually is. */
export function typicalLogin(): LocatedLogin {
  const occurredAt = new Date('2026-11-21T09:30:15.123Z');
  return {
    loginId: loginIdOf({ accountId: typicalAccount, id: 'typical', occurredAt }, () => new Uint8Array(16)),
    ip: '211.234.120.77',
    occurredAt: occurredAt.toISOString(),
    outcome: 'success',
    country: 'KR',
    geoDatabase: { name: 'geo-whois-asn-country', buildDate: '2026-06-17T03:12:09.000Z' },
    product: 'game',
    sessionId: '4b6f0a0e-55a4-4f0e-9f35-0d3ed29d3c11',
    device: { id: '0c2f7f57-3b1a-4f55-8a52-7d1c2bb8f1aa', userAgent: 'Game/5.2 (Windows NT 10.0; Win64; x64) Engine/4.27' },
  };
}

/** Bytes of an item by DynamoDB's rules: names and values, as https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html says. */
export const bytesOf = (item: Readonly<Record<string, AttributeValue>>): number => Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOfValue(value), 0);

function bytesOfValue(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  // A byte for two digits that count, and one more.
  if (value.N !== undefined) return Math.ceil(value.N.replace(/^-?0*|\.|0+$/g, '').length / 2) + 1;
  if (value.B !== undefined) return value.B.length;
  if (value.NULL !== undefined || value.BOOL !== undefined) return 1;
  const [list, map] = [value.L, value.M];
  if (list) return 3 + list.reduce((sum, each) => sum + 1 + bytesOfValue(each), 0);
  if (map) return 3 + bytesOf(map) + Object.keys(map).length;
  return [...(value.SS ?? []), ...(value.NS ?? [])].reduce((sum, each) => sum + Buffer.byteLength(each), 3);
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publicAddress } from '../../lambdas/runtime/geo/address.ts';

describe('an address that no country can be found for', () => {
  it.each([
    ['10.1.2.3', 'private'], ['172.16.0.1', 'private'], ['172.31.255.255', 'private'], ['192.168.0.1', 'private'], ['127.0.0.1', 'private'],
    ['169.254.169.254', 'private'], ['100.64.0.1', 'private'], ['::1', 'private'], ['fe80::1', 'private'], ['fd00::1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['0.0.0.0', 'reserved'], ['255.255.255.255', 'reserved'], ['224.0.0.1', 'reserved'], ['240.0.0.1', 'reserved'], ['198.18.0.1', 'reserved'],
    ['::', 'reserved'], ['ff02::1', 'reserved'], ['100::1', 'reserved'],
    ['192.0.2.1', 'documentation'], ['198.51.100.7', 'documentation'], ['203.0.113.255', 'documentation'], ['2001:db8::7', 'documentation'],
    ['3fff::1', 'documentation'], ['::ffff:203.0.113.7', 'documentation'],
  ])('%s is %s', (ip, reason) => {
    expect(publicAddress(ip)).toEqual({ reason });
  });
});

describe('a public address', () => {
  it.each(['8.8.8.8', '172.32.0.1', '11.0.0.1', '2001:4860:4860::8888', '2a00::1'])('%s is looked up as it is', (ip) => {
    expect(publicAddress(ip)).toEqual({ address: ip });
  });

  it('is looked up as IPv4 when it is v4-mapped', () => {
    expect(publicAddress('::ffff:8.8.8.8')).toEqual({ address: '8.8.8.8' });
    expect(publicAddress('::ffff:808:808')).toEqual({ address: '8.8.8.8' });
  });

  it('is judged the same as its v4-mapped form', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        expect(publicAddress(`::ffff:${ip}`)).toEqual(publicAddress(ip));
      }),
    );
  });
});

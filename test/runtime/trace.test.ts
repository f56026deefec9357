import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInShare, isSampled, traceparentOf, withSampled } from '../../lambdas/runtime/trace.ts';

const hex = (length: number) => fc.array(fc.nat(15), { minLength: length, maxLength: length }).map((digits) => digits.map((digit) => digit.toString(16)).join(''));
const traceparent = fc.tuple(hex(32), hex(16), hex(2)).map(([trace, span, flags]) => `00-${trace}-${span}-${flags}`);

describe('sampling', () => {
  it('answers the same of a trace each time, and more of them the larger the share', () => {
    fc.assert(
      fc.property(hex(32), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (trace, a, b) => {
        expect(isInShare(trace, a)).toBe(isInShare(trace, a));
        if (isInShare(trace, Math.min(a, b))) expect(isInShare(trace, Math.max(a, b))).toBe(true);
        expect([isInShare(trace, 0), isInShare(trace, 1)]).toEqual([false, true]);
      }),
    );
  });

  it.each([
    ['drawn at random', (index: number) => createHash('sha256').update(`${index}`).digest('hex').slice(0, 32)],
    ['counted up', (index: number) => index.toString(16).padStart(32, '0')],
    ['counted up from the left', (index: number) => index.toString(16).padEnd(32, '0')],
  ])('takes the share of all traces, also when they are %s', (_, traceOf) => {
    const count = 20_000;
    for (const share of [0.01, 0.1, 0.5]) {
      const taken = Array.from({ length: count }, (_each, index) => traceOf(index + 1)).filter((trace) => isInShare(trace, share)).length;
      // Five standard deviations of a fair draw.
      expect(Math.abs(taken - count * share)).toBeLessThan(5 * Math.sqrt(count * share * (1 - share)));
    }
  });

  it('changes the one flag of a trace, and nothing else of it', () => {
    fc.assert(
      fc.property(traceparent, fc.boolean(), (given, wanted) => {
        const changed = withSampled(given, wanted);
        expect(isSampled(changed)).toBe(wanted);
        expect(withSampled(changed, isSampled(given))).toBe(given);
      }),
    );
  });

  it('goes on with what follows', () => {
    fc.assert(
      fc.property(traceparent, fc.uuid(), (given, seed) => {
        fc.pre(!/^00-0+-/.test(given));
        expect(isSampled(traceparentOf(given, seed))).toBe(isSampled(given));
      }),
    );
  });
});

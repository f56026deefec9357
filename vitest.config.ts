import { defineConfig } from 'vitest/config';

/** `npm test`. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/engines/**', 'test/figures/**', 'test/operations/**', 'test/browser/**', 'test/faults/**', 'test/attacks/**'],
    // By default one fewer than there are processors, which on two leaves one idle.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/reporter.ts'],
  },
});

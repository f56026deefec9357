import { defineConfig } from 'vitest/config';

/** `npm run test:faults`: every call that a function sends is met by every fault; over local runs, one file after the other. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    fileParallelism: false,
    // Two local runs beside each other: most of their time is waiting for what comes back.
    maxConcurrency: 2,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/reporter.ts'],
  },
});

import { defineConfig } from 'vitest/config';

/** `npm run test:figures`: what the promises' figures say, measured; minutes each, one after the other. */
export default defineConfig({
  test: {
    include: ['test/figures/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/reporter.ts'],
  },
});

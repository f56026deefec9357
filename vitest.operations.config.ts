import { defineConfig } from 'vitest/config';

/** `npm run test:operations`: what operators see and do, over local runs; half a minute each. */
export default defineConfig({
  test: {
    include: ['test/operations/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/reporter.ts'],
  },
});

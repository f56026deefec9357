import { defineConfig } from 'vitest/config';

/** `npm run test:browser`: the pages in a real Chromium, against local runs. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    // A local run and a browser want the machine for themselves.
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/reporter.ts'],
  },
});

import { defineConfig } from 'vitest/config';

/** `npm run test:engines`: the chain on real engines, which are fetched when they are missing. Needs Java, Maven and Python. */
export default defineConfig({
  test: {
    include: ['test/engines/**/*.test.ts'],
    globalSetup: './test/engines/fetch.ts',
    // Engines wait more than they work; more of them at once would only wait for each other.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 600_000,
    reporters: ['default', './test/reporter.ts'],
  },
});

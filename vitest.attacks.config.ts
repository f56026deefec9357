import { defineConfig } from 'vitest/config';

/** `npm run test:attacks`: attacks through the front door of local runs. Needs Python. */
export default defineConfig({
  test: {
    include: ['test/attacks/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    reporters: ['default', './test/reporter.ts'],
  },
});

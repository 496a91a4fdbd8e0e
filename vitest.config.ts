// One runner, one project a kind of test: what needs more than Node says so by its project.
import { defineConfig } from 'vitest/config'

const project = (name: string, include: string[], testTimeout: number) => ({
  test: {
    name,
    include,
    testTimeout,
    hookTimeout: testTimeout,
    exclude: ['**/node_modules/**', '**/dist/**'],
    environment: 'node',
  },
})

export default defineConfig({
  test: {
    // Servers, browsers and property tests share few cores: one file after the other keeps their time limits honest.
    fileParallelism: false,
    globalSetup: ['test/engines/running-engines.ts'],
    projects: [
      project('unit', ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts'], 60_000),
      project('house', ['test/house/**/*.test.ts'], 60_000),
      project('engines', ['test/engines/**/*.test.ts'], 600_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 180_000),
      project('faults', ['test/faults/**/*.test.ts'], 600_000),
      project('browser', ['test/browser/**/*.test.ts'], 300_000),
    ],
  },
})

import { availableParallelism } from 'node:os';

/**
 * The lowest mutation score, in percent, with which `npm run mutation` and the step of CI succeed. CI runs single files, so
 * it is a bit below the score of the worst file.
 */
export const LOWEST_SCORE = 70;

/** Files without logic: texts that people read. Tests compare them with the runbook, not word by word. */
export const NOT_MUTATED = ['lambda/core/failure-texts.ts'];

/** Mutation testing of the core with its unit tests. */
export default {
  mutate: ['lambda/core/**/*.ts', ...NOT_MUTATED.map((file) => `!${file}`)],
  testRunner: 'jest',
  coverageAnalysis: 'perTest',
  concurrency: availableParallelism(),
  thresholds: { high: 95, low: 85, break: LOWEST_SCORE },
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'dist/mutation.json' },
  tempDirName: 'dist/stryker',
  // All that the unit tests of the core need, and nothing else.
  ignorePatterns: ['**', '!lambda/**/*.ts', '!lib/**/*.ts', '!test/**/*.ts', '!*.json'],
  jest: {
    projectType: 'custom',
    config: {
      testEnvironment: '@stryker-mutator/jest-runner/jest-env/node',
      // The root stays the whole sandbox: Jest finds the tests of a file by following imports, also through the core.
      testMatch: ['<rootDir>/test/core/**/*.test.ts'],
      transform: {
        '^.+\\.ts$': [
          '@swc/jest',
          { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
        ],
      },
    },
  },
};

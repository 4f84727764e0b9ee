export default {
  testRunner: 'jest',
  coverageAnalysis: 'perTest',
  concurrency: 2,
  mutate: ['lambda/core/**/*.ts', '!lambda/core/failure-texts.ts'],
  ignorePatterns: ['**', '!lambda/**/*.ts', '!lib/**/*.ts', '!local-cloud/**/*.ts', '!test/**/*.ts', '!package.json', '!tsconfig.json'],
  reporters: ['clear-text', 'json', 'progress-append-only'],
  jsonReporter: { fileName: 'dist/mutation.json' },
  tempDirName: 'dist/stryker',
  jest: {
    projectType: 'custom',
    config: {
      testEnvironment: '@stryker-mutator/jest-runner/jest-env/node',
      roots: ['<rootDir>/test/core'],
      testMatch: ['**/*.test.ts'],
      transform: {
        '^.+\\.ts$': [
          '@swc/jest',
          { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
        ],
      },
    },
  },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
};

// Nobody reading test results needs to be told, suite after suite, how long the SDK will support this Node.js.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

export default {
  displayName: 'local-cloud',
  testEnvironment: 'node',
  // For a run of this folder alone: in a run of the whole repository the limit of its configuration counts.
  testTimeout: 900_000,
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
};

import { availableParallelism } from 'node:os';

// CDK_LANE=newest runs the tests of the constructs with the newest aws-cdk-lib instead of the oldest that is supported.
const lanes = { floor: {}, newest: { '^aws-cdk-lib(/.*)?$': '<rootDir>/node_modules/aws-cdk-lib-newest$1' } };
const lane = process.env.CDK_LANE ?? 'floor';
if (!(lane in lanes)) {
  throw new Error(`CDK_LANE must be one of ${Object.keys(lanes).join(', ')}; received "${lane}"`);
}

// Nobody reading test results needs to be told, suite after suite, how long the SDK will support this Node.js.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

// The CDK notes with a stack trace where each resource was made: a fifth of the time of a synthesis, and nobody reads it here.
process.env.CDK_CONTEXT_JSON = JSON.stringify({
  'aws:cdk:disable-creation-stack-traces': true,
  'aws:cdk:disable-stack-trace': true,
});

const construct = {
  displayName: 'construct',
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/bundles.ts',
  moduleNameMapper: { '^cdk-sp-api-secret-rotation$': '<rootDir>/lib', ...lanes[lane] },
  transform: {
    '^.+\\.[cm]?tsx?$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
};

export default {
  // Most suites wait for processes that they started, and some for time to pass: a worker a core would leave cores idle.
  maxWorkers: availableParallelism() + 1,
  // For tests that hang. Years pass in some, and a busy machine is many times slower: no passing test comes near it.
  testTimeout: 900_000,
  projects: [construct, '<rootDir>/local-cloud'],
};

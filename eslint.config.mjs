import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The folders of the core, from the floor up: each imports only from those before it. */
const CORE_FOLDERS = ['amazon', 'journal', 'secret', 'rotation', 'reconcile', 'messages'];

/** What the core never imports, wherever in it. */
const OUTSIDE_THE_CORE = ['@aws-sdk/*', '@aws-lambda-powertools/*', '**/adapters/*', 'aws-cdk-lib*'];

/** An import of a folder of the core from beside it, or from the floor. */
function importsOf(folders) {
  return folders.flatMap((folder) => [`../${folder}/*`, `./${folder}/*`]);
}

export default tseslint.config(
  {
    ignores: ['build/', 'assets/', 'dist/', 'cdk.out/', 'node_modules/', 'coverage/', '**/cdk.out/', '**/*.snapshot/'],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: './tsconfig.dev.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-extraneous-class': 'off',
      // CDK constructs are created for their effect on the scope.
      'no-new': 'off',
    },
  },
  {
    // The core decides from what it is given: no clock, no randomness, no network, no AWS.
    files: ['lambda/core/**'],
    rules: {
      'no-restricted-globals': ['error', 'fetch', 'setTimeout', 'setInterval', 'process', 'console'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
      ],
    },
  },
  {
    files: ['lambda/core/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [...OUTSIDE_THE_CORE, ...importsOf(CORE_FOLDERS)] }] },
  },
  ...CORE_FOLDERS.map((folder, index) => ({
    files: [`lambda/core/${folder}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [...OUTSIDE_THE_CORE, ...importsOf(CORE_FOLDERS.slice(index + 1))] },
      ],
    },
  })),
  {
    // A function that is longer says beside it why.
    files: ['lib/**', 'lambda/**', 'bin/**', 'local-cloud/**', 'test/fakes/**'],
    // A suite is as long as it has tests.
    ignores: ['**/*.test.ts', 'local-cloud/test/contract/**', 'local-cloud/test/runtime/fixture/**'],
    rules: {
      'max-lines-per-function': ['error', { max: 40, skipComments: true, skipBlankLines: true }],
      complexity: ['error', 10],
    },
  },
  {
    // The simulation uses what is in test/fakes, and the core's tests do; neither of these uses the simulation.
    files: ['test/core/**', 'test/fakes/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['**/simulation/*'] }] },
  },
  {
    // The local cloud knows nothing of the product that runs on it.
    files: ['local-cloud/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(\\.\\./)+(lib|lambda|bin|bench|examples)(/|$)|/fakes/|^cdk-sp-api-secret-rotation',
              message: 'The local cloud must not import from the product.',
            },
          ],
        },
      ],
    },
  },
  { files: ['**/*.mjs', '**/*.cjs', '**/*.js'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        AbortSignal: 'readonly',
        globalThis: 'readonly',
        require: 'readonly',
        module: 'readonly',
        exports: 'readonly',
        __dirname: 'readonly',
        fetch: 'readonly',
        URLSearchParams: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);

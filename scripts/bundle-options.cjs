// How everything that ships is bundled: shared by scripts/bundle.mjs and by the bench, which bundles what it compares with the same way.
'use strict';

const path = require('node:path');

const LAMBDA_CREDENTIALS = path.join(__dirname, '..', 'lambda', 'adapters', 'lambda-credentials.ts');

/** `credentials`: whether AWS's keys come from wherever a person's machine may have them, or as Lambda gives them. */
function bundleOptions({ version, target, credentials }) {
  return {
    bundle: true,
    platform: 'node',
    target,
    format: 'cjs',
    minify: true,
    keepNames: false,
    mainFields: ['module', 'main'],
    alias: credentials === 'lambda' ? { '@aws-sdk/credential-provider-node': LAMBDA_CREDENTIALS } : {},
    define: { __PACKAGE_VERSION__: JSON.stringify(version) },
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
  };
}

module.exports = { bundleOptions };

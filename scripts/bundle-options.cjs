// How everything that ships is bundled: shared by scripts/bundle.mjs and by the bench, which bundles what it compares with the same way.
'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');

const LAMBDA_CREDENTIALS = path.join(__dirname, '..', 'lambda', 'adapters', 'lambda-credentials.ts');

/** The clients of AWS read their version from their package.json, and esbuild would put all of it into the bundle. */
const onlyVersions = {
  name: 'only versions of package.json',
  setup(build) {
    build.onLoad({ filter: /@aws-sdk\/client-[\w-]+\/package\.json$/ }, ({ path: file }) => ({
      contents: JSON.stringify({ version: JSON.parse(readFileSync(file, 'utf8')).version }),
      loader: 'json',
    }));
  },
};

/** EventBridge's client can sign for several regions at once, for endpoints that the functions do not have. */
const oneRegion = {
  name: 'signatures for one region',
  setup(build) {
    build.onLoad({ filter: /signature-v4-multi-region\/dist-es\/index\.js$/ }, ({ path: file }) => ({
      contents: `import { SignatureV4 } from '@smithy/signature-v4';
export class SignatureV4MultiRegion extends SignatureV4 {
  static sigv4aDependency() {
    return 'none';
  }
}`,
      resolveDir: path.dirname(file),
    }));
  },
};

/** What an ES module lacks, for the CommonJS packages in it. */
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/**
 * Functions are ES modules: Lambda's runtime client loads them with `import`, and of a CommonJS module Node.js then reads the
 * whole text a second time, for the names of its exports.
 */
const FORMATS = {
  lambda: { format: 'esm', file: 'index.mjs', banner: REQUIRE },
  machine: { format: 'cjs', file: 'index.js', banner: '' },
};

/** `runsOn`: whether Lambda runs the bundle, which gives AWS's keys in its own way, or somebody's machine. */
function bundleOptions({ version, target, runsOn }) {
  return {
    bundle: true,
    platform: 'node',
    target,
    format: FORMATS[runsOn].format,
    banner: { js: FORMATS[runsOn].banner },
    minify: true,
    keepNames: false,
    mainFields: ['module', 'main'],
    plugins: runsOn === 'lambda' ? [onlyVersions, oneRegion] : [],
    alias: runsOn === 'lambda' ? { '@aws-sdk/credential-provider-node': LAMBDA_CREDENTIALS } : {},
    define: { __PACKAGE_VERSION__: JSON.stringify(version) },
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
  };
}

/** Name of the bundle's file in its directory. */
function bundleFile(runsOn) {
  return FORMATS[runsOn].file;
}

module.exports = { bundleFile, bundleOptions };
